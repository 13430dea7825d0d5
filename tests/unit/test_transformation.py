"""Running dbt: the build's date, and which column comes from which."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dagster_project.errors import SettingError, UserError
from dagster_project.resources import AS_OF_TAG, KNOWN_AT_TAG, requested_as_of
from dagster_project.settings import load_settings
from dagster_project.transformation import remembered
from dagster_project.transformation.as_of import AsOf, latest_as_of, resolve_as_of
from dagster_project.transformation.lineage import Columns, read_lineage

PARTITION_TAG = "dagster/partition"
ASKED, KNOWN, SETTING, PARTITION = (date(2025, month, 10) for month in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("tags", "setting", "expected"),
    [
        ({AS_OF_TAG: ASKED, KNOWN_AT_TAG: KNOWN, PARTITION_TAG: PARTITION}, SETTING, ASKED),
        ({KNOWN_AT_TAG: KNOWN, PARTITION_TAG: PARTITION}, SETTING, KNOWN),
        ({AS_OF_TAG: "newest", PARTITION_TAG: PARTITION}, SETTING, "newest"),
        ({PARTITION_TAG: PARTITION}, SETTING, SETTING),
        ({PARTITION_TAG: PARTITION}, "yesterday", "yesterday"),
        ({PARTITION_TAG: PARTITION}, None, date(2025, 4, 11)),
        ({}, None, None),
    ],
)
def test_the_nearest_request_for_a_date_wins(
    tags: dict[str, AsOf], setting: AsOf | None, expected: AsOf | None
) -> None:
    run = SimpleNamespace(tags={tag: str(day) for tag, day in tags.items()})
    given = {"LIFECYCLE_AS_OF": str(setting)} if setting else {}
    context: Any = SimpleNamespace(run=run)
    assert requested_as_of(context, load_settings(given)) == expected


def test_a_partition_that_is_no_day_is_refused() -> None:
    context: Any = SimpleNamespace(run=SimpleNamespace(tags={PARTITION_TAG: "2025-01|2025-02"}))
    with pytest.raises(SettingError, match="no single day"):
        requested_as_of(context, load_settings({}))


@pytest.mark.parametrize(
    ("requested", "timezone", "expected"),
    [
        (ASKED, "UTC", ASKED),
        ("yesterday", "UTC", date(2025, 3, 2)),
        ("yesterday", "America/New_York", date(2025, 3, 1)),
        ("yesterday", "Pacific/Auckland", date(2025, 3, 2)),
        ("newest", "UTC", date(2025, 2, 2)),
        (None, "UTC", date(2025, 2, 2)),
        (None, "America/New_York", date(2025, 2, 1)),
    ],
)
def test_a_word_for_a_date_is_read_in_the_reporting_time_zone(
    requested: AsOf | None, timezone: str, expected: date
) -> None:
    now, newest = datetime(2025, 3, 2, 4, 30, tzinfo=UTC), datetime(2025, 2, 1, 4, 30)
    found = resolve_as_of(requested, timezone=timezone, newest_record_at=lambda: newest, now=now)
    assert found == expected


def test_without_a_record_there_is_no_newest_one() -> None:
    with pytest.raises(UserError, match="no date"):
        resolve_as_of("newest", timezone="UTC", newest_record_at=lambda: None)


def test_the_end_of_today_is_not_later_than_now() -> None:
    now = datetime(2025, 3, 2, 4, 30, tzinfo=UTC)
    assert latest_as_of("UTC", now) == date(2025, 3, 3)
    assert latest_as_of("America/New_York", now) == date(2025, 3, 2)


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
    of_a_part = SQL.replace("net_amount", "country_code", 1)
    assert lineage(of_a_part) == first
    assert read == []
    assert lineage(of_a_part, project="changed") != first
    lineage(SQL)
    lineage(SQL, {**COLUMNS, "input.input_contacts": ["customer_id", "country_code", "city"]})
    assert len(read) == 3
    (settings.dbt_target_folder / remembered.FILE).write_text("{")
    assert lineage(SQL) == first
    compiled.unlink()
    assert remembered.RememberedLineage(settings, COLUMNS).of("core.other", [], compiled) == {}
