"""The data tests of an incremental build: in incremental tables they read the affected rows, and every other
row with the same key. Belongs here: that a fault an incremental build could make is found. Does not belong
here: what each test protects."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.settings import load_settings
from dagster_project.transformation.incremental_state import Base, build_environment
from dagster_project.transformation.project import dbt_arguments, dbt_environment
from tests.support.installation import Installation

AS_OF = date(2026, 1, 1)
TRANSITIONS = "lifecycle.fct_customer_stage_transitions"
INTERVALS = "intermediate.int_customer_stage_intervals"


@pytest.fixture(scope="module")
def incremental_tests(
    demo: Installation, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """The SQL of the data tests in an incremental build on the last build, by the table they belong to."""
    target = tmp_path_factory.mktemp("target")
    settings = load_settings(demo.environment())
    subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main"),
            *dbt_arguments(settings, "compile"),
            *("--target-path", str(target), "--select", "resource_type:test"),
        ],
        env={
            **os.environ,
            **dbt_environment(settings),
            **build_environment(AS_OF, base=Base(last_load=1, as_of=AS_OF)),
        },
        cwd=settings.home,
        check=True,
        capture_output=True,
    )
    nodes: dict[str, dict[str, Any]] = json.loads((target / "manifest.json").read_text())["nodes"]
    found: dict[str, list[str]] = {}
    for node in nodes.values():
        if node["resource_type"] == "test":
            owner = str(node.get("attached_node") or node["name"]).split(".")[-1]
            path = target / "compiled" / "customer_lifecycle" / node["original_file_path"]
            path = path if path.suffix == ".sql" else path / node["path"]
            found.setdefault(owner, []).append(path.read_text())
    return found


@pytest.fixture
def warehouse(demo: Installation, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the demo's private warehouse, to break; one customer with a long history is affected."""
    shutil.copyfile(demo.home / "warehouse.duckdb", tmp_path / "warehouse.duckdb")
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(
            "create or replace table intermediate.int_affected_customers as"
            f" select customer_id from {TRANSITIONS} group by customer_id"
            " order by count(*) desc, customer_id limit 1"
        )
        yield connection


def failures(connection: duckdb.DuckDBPyConnection, tests: list[str]) -> int:
    """The number of rows that these tests report."""
    return sum(len(connection.execute(test).fetchall()) for test in tests)


def test_a_key_written_twice_is_found(
    warehouse: duckdb.DuckDBPyConnection, incremental_tests: dict[str, list[str]]
) -> None:
    tests = incremental_tests["fct_customer_stage_transitions"]
    assert failures(warehouse, tests) == 0
    affected = "in (from intermediate.int_affected_customers)"
    twice = f"insert into {TRANSITIONS} select * from {TRANSITIONS} where customer_id"
    warehouse.execute(f"{twice} not {affected} limit 1")
    # The row is not affected by this build: it was checked by the build that wrote it.
    assert failures(warehouse, tests) == 0
    warehouse.execute(f"{twice} {affected} limit 1")
    assert failures(warehouse, tests) > 0


def test_a_record_loaded_twice_is_found(
    warehouse: duckdb.DuckDBPyConnection, incremental_tests: dict[str, list[str]]
) -> None:
    tests = incremental_tests["input_contacts"]
    assert failures(warehouse, tests) == 0
    twice = "insert into input.input_contacts select * from input.input_contacts where _load_number"
    # The incremental state of this build ends with the demo's first load.
    warehouse.execute(
        "update input.input_contacts set _load_number = 1"
        " where _load_number = (select min(_load_number) from input.input_contacts)"
    )
    warehouse.execute(f"{twice} = 1 limit 1")
    assert failures(warehouse, tests) == 0
    warehouse.execute(f"{twice} > 1 limit 1")
    assert failures(warehouse, tests) > 0


def test_a_record_of_two_customers_is_found(
    warehouse: duckdb.DuckDBPyConnection, incremental_tests: dict[str, list[str]]
) -> None:
    """A record that now belongs to an affected customer, and still to an unaffected one."""
    tests = incremental_tests["fct_customer_activities"]
    assert failures(warehouse, tests) == 0
    warehouse.execute(
        "insert into intermediate.int_customer_activities"
        " select * replace ((select min(customer_id) from core.dim_customers"
        "  where customer_id not in (from intermediate.int_affected_customers)) as customer_id)"
        " from intermediate.int_customer_activities"
        " where customer_id in (from intermediate.int_affected_customers) limit 1"
    )
    assert failures(warehouse, tests) > 0


def test_a_gap_between_intervals_is_found(
    warehouse: duckdb.DuckDBPyConnection, incremental_tests: dict[str, list[str]]
) -> None:
    tests = incremental_tests["assert_stage_intervals_follow_one_another"]
    assert failures(warehouse, tests) == 0
    warehouse.execute(
        f"delete from {INTERVALS} where previous_stage is not null and next_stage is not null"
        " and customer_id in (from intermediate.int_affected_customers)"
    )
    assert failures(warehouse, tests) > 0


def test_totals_are_reconciled_whole(
    warehouse: duckdb.DuckDBPyConnection, incremental_tests: dict[str, list[str]]
) -> None:
    tests = incremental_tests["assert_every_order_reaches_fct_orders"]
    assert failures(warehouse, tests) == 0
    warehouse.execute(
        "delete from core.fct_orders where order_id = (select min(order_id) from core.fct_orders"
        " where customer_id not in (from intermediate.int_affected_customers))"
    )
    assert failures(warehouse, tests) > 0
