"""The table of check results and dbt's artifacts as check results."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import UserError
from dagster_project.quality.checks import CheckResult
from dagster_project.quality.results import dbt_results, ensure_table, record

AT = datetime(2024, 6, 1, 2, 0, tzinfo=UTC)
SECRET = "jana.novakova@example"


def result(name: str = "has_rows", *, passed: bool = True, observed: str = "1 row") -> CheckResult:
    """A check result."""
    return CheckResult("core_customers", name, "core.dim_customers", passed, observed, "error")


def test_results_are_recorded_once_per_build_and_check() -> None:
    with duckdb.connect() as connection:
        ensure_table(connection)
        ensure_table(connection)
        assert record(connection, "b1", [result(), result("rate", passed=False)]) == 2
        east = timezone(timedelta(hours=2))
        assert record(connection, "b1", [result(observed="2 rows")], checked_at=AT.astimezone(east))
        assert record(connection, "b2", [result(), result()], checked_at=AT) == 1
        assert record(connection, "b2", []) == 0
        rows = connection.execute(
            "select build_id, suite, check_name, relation, passed, observed, severity"
            " from meta.data_quality_results order by all"
        ).fetchall()
        (at,) = connection.execute(
            "select checked_at from meta.data_quality_results where observed = '2 rows'"
        ).fetchall()
    key = ("core_customers", "has_rows", "core.dim_customers")
    assert rows == [
        ("b1", *key, True, "2 rows", "error"),
        ("b1", "core_customers", "rate", "core.dim_customers", False, "1 row", "error"),
        ("b2", *key, True, "1 row", "error"),
    ]
    assert at == (datetime(2024, 6, 1, 2, 0),)


def test_only_failed_errors_block() -> None:
    warning = CheckResult("s", "c", "r", False, "0", "warning")
    assert result(passed=False).is_blocking_failure
    assert not result().is_blocking_failure
    assert not warning.is_blocking_failure


def artifacts(folder: Path, outcomes: list[dict[str, object]]) -> tuple[Path, Path]:
    """dbt's two files, as dbt 1.11 writes them, cut to what matters."""
    model = {"name": "dim_customers", "alias": "dim_customers", "schema": "core"}
    nodes = {
        "model.p.dim_customers": model,
        "model.p.fct_orders": {"name": "fct_orders", "alias": "fct_orders", "schema": "core"},
        "test.p.not_null_dim_customers_customer_id.1a": {
            "name": "not_null_dim_customers_customer_id",
            "attached_node": "model.p.dim_customers",
            "column_name": "customer_id",
            "config": {"severity": "ERROR"},
        },
        "test.p.assert_totals_reconcile": {
            "name": "assert_totals_reconcile",
            "depends_on": {"nodes": ["model.p.dim_customers", "model.p.fct_orders"]},
            "config": {"severity": "warn"},
        },
        "test.p.source_unique.2b": {
            "name": "source_unique",
            "attached_node": None,
            "depends_on": {"nodes": ["source.p.raw_demo.orders"]},
            "config": {"severity": "error"},
        },
    }
    sources = {"source.p.raw_demo.orders": {"schema": "raw_demo", "identifier": "orders"}}
    run_results, manifest = folder / "run_results.json", folder / "manifest.json"
    manifest.write_text(json.dumps({"nodes": nodes, "sources": sources}))
    run_results.write_text(json.dumps({"results": outcomes}))
    return run_results, manifest


def test_dbt_tests_become_check_results_without_values(tmp_path: Path) -> None:
    outcomes: list[dict[str, object]] = [
        {"unique_id": "model.p.dim_customers", "status": "success", "execution_time": 1.0},
        {"unique_id": "unit_test.p.dim_customers.a_case", "status": "pass"},
        {
            "unique_id": "test.p.not_null_dim_customers_customer_id.1a",
            "status": "fail",
            "failures": 1203,
            "execution_time": 0.25,
            "message": f"Got 1203 results, such as {SECRET}",
        },
        {"unique_id": "test.p.assert_totals_reconcile", "status": "warn", "failures": 1},
        {"unique_id": "test.p.source_unique.2b", "status": "error", "message": SECRET},
    ]
    not_null, totals, unique = dbt_results(*artifacts(tmp_path, outcomes))
    assert not_null == CheckResult(
        "dbt",
        "not_null_dim_customers_customer_id",
        "core.dim_customers",
        False,
        "1,203 failing rows",
        "error",
        "customer_id",
        0.25,
    )
    assert (totals.relation, totals.severity, totals.passed, totals.observed) == (
        "core.dim_customers, core.fct_orders",
        "warning",
        False,
        "1 failing row",
    )
    assert (unique.relation, unique.passed, unique.observed) == (
        "raw_demo.orders",
        False,
        "could not run",
    )
    assert SECRET not in f"{not_null}{totals}{unique}"


@pytest.mark.parametrize(
    ("status", "passed", "observed"),
    [
        ("pass", True, "0 failing rows"),
        ("skipped", False, "skipped: something upstream failed"),
        ("runtime error", False, "could not run"),
    ],
)
def test_a_dbt_test_that_did_not_run_has_not_passed(
    tmp_path: Path, status: str, passed: bool, observed: str
) -> None:
    outcome: dict[str, object] = {
        "unique_id": "test.p.source_unique.2b",
        "status": status,
        "failures": 0 if passed else None,
    }
    (check,) = dbt_results(*artifacts(tmp_path, [outcome]))
    assert (check.passed, check.observed) == (passed, observed)


def test_a_missing_or_torn_artifact_is_reported(tmp_path: Path) -> None:
    run_results, manifest = artifacts(tmp_path, [])
    assert dbt_results(run_results, manifest) == []
    run_results.write_text('{"results": [')
    with pytest.raises(UserError, match="JSONDecodeError"):
        dbt_results(run_results, manifest)
    with pytest.raises(UserError, match="FileNotFoundError"):
        dbt_results(tmp_path / "none.json", manifest)
