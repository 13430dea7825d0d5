"""Running dbt: the build's date, and which column comes from which."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dagster_project.errors import UserError
from dagster_project.settings import load_settings
from dagster_project.transformation import remembered
from dagster_project.transformation.as_of import resolve_as_of
from dagster_project.transformation.lineage import Columns, read_lineage

ASKED, SETTING, PARTITION, NEWEST = (date(2025, month, 10) for month in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("asked", "setting", "partition", "newest", "expected"),
    [
        (ASKED, SETTING, PARTITION, NEWEST, ASKED),
        (None, SETTING, PARTITION, NEWEST, SETTING),
        (None, None, PARTITION, NEWEST, date(2025, 3, 11)),
        (None, None, None, NEWEST, date(2025, 4, 11)),
    ],
)
def test_the_nearest_source_of_the_date_wins(
    asked: date | None,
    setting: date | None,
    partition: date | None,
    newest: date | None,
    expected: date,
) -> None:
    assert (
        resolve_as_of(asked=asked, setting=setting, partition=partition, newest_record=newest)
        == expected
    )


def test_without_any_record_there_is_no_date() -> None:
    with pytest.raises(UserError, match="no date"):
        resolve_as_of(asked=None, setting=None, partition=None, newest_record=None)


SQL = """
    with orders as (select customer_id, net_amount from "warehouse"."intermediate"."int_orders"),
    totals as (select customer_id, sum(net_amount) as revenue from orders group by customer_id)
    select totals.customer_id, totals.revenue, customers.country_code
    from totals inner join "warehouse"."input"."input_contacts" as customers
        on totals.customer_id = customers.customer_id
    where '2025-01-01' > '2024-01-01'
"""
COLUMNS = {
    "intermediate.int_orders": ["customer_id", "net_amount"],
    "input.input_contacts": ["customer_id", "country_code"],
    "core.totals": ["customer_id", "revenue", "country_code"],
}


def test_columns_are_traced_through_expressions_to_relations() -> None:
    assert read_lineage("core.totals", SQL, COLUMNS) == {
        "customer_id": [("intermediate.int_orders", "customer_id")],
        "revenue": [("intermediate.int_orders", "net_amount")],
        "country_code": [("input.input_contacts", "country_code")],
    }


def test_sql_that_cannot_be_read_has_no_lineage() -> None:
    assert read_lineage("core.totals", "select from where", COLUMNS) == {}


def test_lineage_is_read_again_only_when_the_project_or_columns_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def counted(relation: str, sql: str, columns: Columns) -> object:
        read.append(relation)
        return read_lineage(relation, sql, columns)

    monkeypatch.setattr(remembered, "read_lineage", counted)
    settings = load_settings({"LIFECYCLE_HOME": str(tmp_path)})
    settings.dbt_target_folder.mkdir(parents=True)
    compiled, parents = tmp_path / "totals.sql", [name for name in COLUMNS if name != "core.totals"]

    def lineage(
        sql: str, columns: dict[str, list[str]] = COLUMNS, project: str = "as it is"
    ) -> object:
        monkeypatch.setattr(remembered, "project_fingerprint", lambda: project)
        compiled.write_text(sql)
        memory = remembered.RememberedLineage(settings, columns)
        found = memory.of("core.totals", parents, compiled)
        memory.keep()
        return found

    first = lineage(SQL)
    assert first == read_lineage("core.totals", SQL, COLUMNS)
    read.clear()
    of_a_night = SQL.replace("net_amount", "country_code", 1)
    assert lineage(of_a_night) == first
    assert read == []
    assert lineage(of_a_night, project="changed") != first
    lineage(SQL)
    lineage(SQL, {**COLUMNS, "input.input_contacts": ["customer_id", "country_code", "city"]})
    assert len(read) == 3
    (settings.dbt_target_folder / remembered.FILE).write_text("{")
    assert lineage(SQL) == first
    compiled.unlink()
    assert remembered.RememberedLineage(settings, COLUMNS).of("core.other", [], compiled) == {}
