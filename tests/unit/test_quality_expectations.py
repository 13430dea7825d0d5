"""The suites as data: names, reasons, and what they are derived from. Belongs here: checks that need not
run the suites (`tests/integration/test_quality_suites.py` runs them)."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import date

import pytest

from dagster_project.ingestion.formats import load_format
from dagster_project.quality.suites import (
    Suite,
    arrival_suites,
    freshness_suites,
    input_suites,
    mart_suites,
)
from dagster_project.quality.suites.marts import STAGES
from dagster_project.transformation.as_of import midnight

AS_OF = date(2024, 6, 1)
PLAIN: dict[str, dict[str, dict[str, object]]] = {
    "orders": {
        "order_id": {"type": "text", "required": True},
        'odd "name"': {"type": "text", "required": True},
        "status": {"type": "text"},
    }
}


@dataclass
class Column:
    """As ingestion's format objects have it."""

    name: str
    required: bool = False


@dataclass
class Entity:
    """As ingestion's format objects have it."""

    columns: dict[str, Column] | tuple[Column, ...]


@dataclass
class Format:
    """As ingestion's format objects have it."""

    entities: dict[str, Entity]


SUITES = [
    *arrival_suites("demo", PLAIN, build_id="b"),
    *freshness_suites(),
    *input_suites(AS_OF),
    *mart_suites(midnight(AS_OF, "UTC")),
]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_suites_follow_the_conventions(suite: Suite) -> None:
    assert re.fullmatch(
        r"(arrival|freshness|input|core|lifecycle|value|engagement|care)_[a-z_]+", suite.name
    )
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", suite.relation)
    assert suite.expectations
    names = [expectation.name for expectation in suite.expectations]
    assert len(set(names)) == len(names)
    for expectation in suite.expectations:
        assert len(expectation.why.split()) >= 4, expectation.name
        assert expectation.severity in ("error", "warning")


def test_no_suite_is_named_twice_and_the_contract_is_covered() -> None:
    names = [suite.name for suite in SUITES]
    assert len(set(names)) == len(names)
    assert len([name for name in names if name.startswith("input_")]) == 14
    assert {f"lifecycle.customers_in_{stage}" for stage in STAGES} <= {
        suite.relation for suite in SUITES
    }


def test_arrival_suites_come_from_the_format_however_it_is_held() -> None:
    entities = {"orders": {"columns": PLAIN["orders"]}}
    columns = tuple(
        Column(name, bool(spec.get("required"))) for name, spec in PLAIN["orders"].items()
    )
    expected = arrival_suites("demo", PLAIN, build_id="b")
    assert expected[0].relation == "raw_demo.orders"
    assert [each.name for each in expected[0].expectations] == [
        "has_declared_columns",
        "order_id_never_empty",
        'odd "name"_never_empty',
    ]
    assert '"odd ""name"""' in expected[0].expectations[2].kwargs["condition"]
    for held in (
        {"entities": entities},
        Format({"orders": Entity({column.name: column for column in columns})}),
        Format({"orders": Entity(columns)}),
    ):
        assert arrival_suites("demo", held, build_id="b") == expected


@pytest.mark.parametrize("name", ["generic", "complete_journey"])
def test_every_entity_of_a_shipped_format_has_a_suite(name: str) -> None:
    delivery_format = load_format(name)
    suites = arrival_suites("demo", delivery_format, build_id="b")
    assert [suite.relation for suite in suites[:-1]] == [
        f"raw_demo.{entity}" for entity in delivery_format.entities
    ]
    for suite, entity in zip(suites, delivery_format.entities.values(), strict=False):
        assert suite.expectations[0].kwargs["column_set"] == list(entity.column_names)
        assert [each.column for each in suite.expectations[1:]] == list(entity.required)


def test_texts_are_quoted() -> None:
    without = arrival_suites("o'neil", PLAIN, build_id="b'1")[-1]
    assert without.where == "system = 'o''neil'"
    assert "'b''1'" in without.expectations[0].kwargs["condition"]


def test_neither_great_expectations_nor_dagster_is_imported() -> None:
    code = (
        "import sys, dagster_project.quality.suites, dagster_project.quality.results;"
        "sys.exit(any(name in sys.modules for name in ('great_expectations', 'dagster')))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
