"""The demo company, end to end: what is served is what really happened to its people."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import pytest

from dagster_project.transformation.udf.functions import Plugin
from demo_company.plan import Plan
from demo_company.truth import Truth, truth
from tests.support.contract import CONTRACT, STAGES
from tests.support.installation import Installation

AS_OF = date(2026, 1, 1)
INTERVALS = """
    select distinct identifiers.identifier_type || '=' || identifiers.identifier,
        lifecycle, stage, valid_from, valid_to
    from intermediate.int_customer_identifiers as identifiers
    join lifecycle.fct_customer_stage_intervals as intervals using (customer_id)
"""
MONEY = """
    select distinct identifiers.identifier_type || '=' || identifiers.identifier,
        counted_order_count, lifetime_gross_revenue, lifetime_discount_amount,
        lifetime_refund_amount, lifetime_net_revenue
    from intermediate.int_customer_identifiers as identifiers
    join core.dim_customers using (customer_id)
"""


class SecondBuild(NamedTuple):
    """An incremental build: marts and build of before, and what the command printed."""

    before: dict[str, list[tuple[object, ...]]]
    build: str
    words: str


@pytest.fixture(scope="module")
def known() -> Truth:
    return truth(Plan(), AS_OF)


def test_every_stage_interval_is_the_truth(demo: Installation, known: Truth) -> None:
    with demo.private() as connection:
        rows = connection.execute(INTERVALS).fetchall()
    found: dict[str, set[tuple[object, ...]]] = {}
    for name, *interval in rows:
        found.setdefault(name, set()).add(tuple(interval))
    seen = [person for person in known.people if person.is_seen]
    assert len(seen) > 1900
    for person in seen:
        kind, identifier = person.identifiers[0]
        expected = {
            (each.lifecycle, each.stage, each.valid_from, each.valid_to)
            for each in person.intervals
        }
        assert found[f"{kind}={identifier}"] == expected, f"person {person.number}"


def test_there_are_exactly_the_people_seen(demo: Installation, known: Truth) -> None:
    with demo.served() as connection:
        count = connection.execute("select count(*) from core.dim_customers").fetchone()
    assert count == (sum(person.is_seen for person in known.people),)


def test_every_amount_is_the_truth(demo: Installation, known: Truth) -> None:
    with demo.private() as connection:
        found = {name: tuple(amounts) for name, *amounts in connection.execute(MONEY).fetchall()}
    for person in known.people:
        if person.is_seen:
            kind, identifier = person.identifiers[0]
            amounts = (person.gross, person.discount, person.refund, person.net)
            expected = (len(person.counted_order_ids), *amounts)
            assert found[f"{kind}={identifier}"] == expected, f"person {person.number}"


def test_revenue_reconciles_with_the_truth_to_the_cent(demo: Installation, known: Truth) -> None:
    with demo.served() as connection:
        row = connection.execute(
            "select sum(net_amount) from core.fct_orders where is_counted and customer_id is not null"
        ).fetchone()
    assert row == (sum((person.net for person in known.people if person.is_seen), Decimal(0)),)


def test_every_delivered_record_is_accounted_for(demo: Installation, known: Truth) -> None:
    with demo.served() as connection:
        ledger = {
            location: counts
            for location, *counts in connection.execute(
                "select location, physical_records, quarantined_records, redelivered_records,"
                " accepted_records from meta.loads"
            ).fetchall()
        }
    assert len(ledger) == len(known.files)
    for file in known.files:
        physical, quarantined, redelivered, accepted = ledger[file.path.removeprefix("demo/")]
        assert (physical, quarantined, redelivered) == (
            file.records,
            file.quarantined,
            file.redelivered,
        ), file.path
        assert physical == accepted + quarantined + redelivered


def test_served_tables_have_the_contract_s_columns(demo: Installation) -> None:
    with demo.served() as connection:
        columns: dict[str, set[str]] = {}
        for table, column in connection.execute(
            "select table_schema || '.' || table_name, column_name from information_schema.columns"
        ).fetchall():
            columns.setdefault(table, set()).add(column)
    missing = {
        table: sorted(set(names.split()) - columns.get(table, set()))
        for table, names in CONTRACT.items()
        if set(names.split()) - columns.get(table, set())
    }
    assert missing == {}


def test_every_served_table_is_there_as_parquet_with_the_same_rows(demo: Installation) -> None:
    with demo.served() as connection:
        for table in demo.served_tables():
            folder = demo.home / "served" / "parquet" / table.split(".")[1]
            in_file = connection.execute(f"select count(*) from {table}").fetchone()
            in_parquet = connection.execute(f"select count(*) from '{folder}/*.parquet'").fetchone()
            assert in_file == in_parquet, table


def test_every_served_column_is_described(demo: Installation) -> None:
    with demo.served() as connection:
        silent = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns()"
            " where comment is null and schema_name <> 'meta' and not internal"
        ).fetchall()
    assert silent == []


def test_stage_tables_hold_each_customer_once_per_lifecycle(demo: Installation) -> None:
    with demo.served() as connection:
        customers = connection.execute("select count(*) from core.dim_customers").fetchone()
        for stages in STAGES.values():
            together = " union all ".join(
                f"select customer_id from lifecycle.customers_in_{stage}" for stage in stages
            )
            counted = connection.execute(
                f"select count(*), count(distinct customer_id) from ({together})"
            ).fetchone()
            assert customers is not None
            assert counted == (customers[0], customers[0])


def test_keys_are_numbers_to_the_models_and_digits_to_readers(demo: Installation) -> None:
    """In every table of either file, whatever its columns were made of."""
    query = """
        select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()
        where not internal and (data_type = 'UUID' or column_name like '%customer\\_id' escape '\\'
            or column_name like '%\\_key' escape '\\')
    """
    with demo.private() as private, demo.served() as served:
        stored = private.execute(query).fetchall()
        found = served.execute(query).fetchall()
        written = {(table, column) for table, column, kind in stored if kind == "UUID"}
        assert len(written) > 100
        # What a person types, and may mistype; and what a person looks up.
        assert {table for table, _, kind in stored if kind != "UUID"} == {
            "reference.identity_overrides",
            "intermediate.int_customer_identifiers",
        }
        assert {(table, column) for table, column, _ in found} == {
            (table, column) for table, column in written if table in demo.served_tables()
        }
        for table, column, _ in found:
            odd = served.execute(
                f"select count(*) from {table} where not regexp_full_match({column}, '[0-9a-f]{{32}}')"
            ).fetchone()
            assert odd == (0,), (table, column)


@pytest.fixture(scope="module")
def second(demo: Installation) -> SecondBuild:
    """The demo company built again, when nothing new has arrived."""
    before, build = demo.canonical_marts(), demo.published_build()
    return SecondBuild(before, build, demo.build())


def test_building_again_changes_nothing_and_loads_nothing(
    demo: Installation, second: SecondBuild
) -> None:
    before, build, words = second
    steps = ["ingest demo", "check arrival of demo", "build models", "check inputs", "publish"]
    assert steps == sorted(steps, key=words.index)
    assert demo.published_build() != build
    assert demo.canonical_marts() == before
    with demo.private() as connection:
        new = connection.execute(
            "select count(*) from ingest.loads where build_id = $1", [demo.published_build()]
        ).fetchone()
    assert new == (0,)


@pytest.mark.usefixtures("second")
def test_rows_that_an_incremental_build_adds_have_the_columns_of_their_table(
    demo: Installation,
) -> None:
    """An incremental build does not compare them: they are inserted by name, and what has another type is
    cast."""
    manifest = json.loads((demo.home / "dbt" / "manifest.json").read_text())
    incremental = [
        node
        for node in manifest["nodes"].values()
        if node["config"].get("materialized") == "incremental"
    ]
    assert len(incremental) > 30
    of_affected = 0
    with demo.private() as connection:
        Plugin("identity", {}).configure_connection(connection)
        for node in incremental:
            compiled = demo.home / "dbt" / "compiled" / "customer_lifecycle"
            sql = (compiled / node["original_file_path"]).read_text()
            added = connection.execute(f"describe ({sql}\n)").fetchall()
            kept = connection.execute(f"describe {node['schema']}.{node['alias']}").fetchall()
            assert sorted(row[:2] for row in added) == sorted(row[:2] for row in kept), node["name"]
            of_affected += "int_affected_" in sql or "_load_number > cast(" in sql
    assert of_affected > 30


def test_status_names_the_published_build_and_its_checks(demo: Installation) -> None:
    outcome = demo.lifecycle("status")
    assert outcome.returncode == 0
    assert demo.published_build() in outcome.stdout
    assert "2026-01-01" in outcome.stdout


def test_quarantine_list_names_places_and_reasons(demo: Installation, known: Truth) -> None:
    outcome = demo.lifecycle("quarantine", "list")
    assert outcome.returncode == 0
    for record in known.quarantined:
        assert record.path.removeprefix("demo/") in outcome.stdout


def test_doctor_finds_nothing_wrong(demo: Installation) -> None:
    outcome = demo.lifecycle("doctor")
    assert outcome.returncode == 0, outcome.stdout
