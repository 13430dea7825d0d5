"""What a build may stand on. Belongs here: what makes another build of it."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from dagster_project.settings import load_settings
from dagster_project.transformation import foundation
from dagster_project.transformation.incremental_state import (
    build_signature,
    find_incremental_state,
    record_incremental_state,
)

SETTINGS = {"LIFECYCLE_PII_KEY": "k"}
AS_OF = date(2026, 1, 1)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    opened.execute("create schema ingest")
    opened.execute(
        "create table ingest.pseudonym_key as select 'in' as inner_pad, 'out' as outer_pad"
    )
    opened.execute("create table ingest.loads (load_number bigint, status varchar)")
    opened.execute("insert into ingest.loads values (6, 'loaded'), (7, 'rejected')")
    return opened


def test_a_file_rejected_then_and_used_since_needs_a_build_of_everything(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """It keeps its place among the loads, which a night does not read again."""
    record_incremental_state(connection, "s", AS_OF, 7)
    connection.execute("insert into ingest.loads values (8, 'loaded')")
    assert find_incremental_state(connection, "s", AS_OF) == foundation.Foundation(AS_OF, 7)
    connection.execute("update ingest.loads set status = 'loaded' where load_number = 7")
    assert find_incremental_state(connection, "s", AS_OF) is None


def test_a_record_of_an_earlier_version_is_nothing_to_stand_on(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        "create schema meta; create table meta.models_built as"
        " select 's' as signature, date '2026-01-01' as as_of, 7::bigint as last_load"
    )
    assert find_incremental_state(connection, "s", AS_OF) is None
    record_incremental_state(connection, "s", AS_OF, 7)
    assert find_incremental_state(connection, "s", AS_OF) is not None


def test_the_same_everything_is_the_same_build(connection: duckdb.DuckDBPyConnection) -> None:
    signature = build_signature(connection, load_settings(SETTINGS), None)
    assert signature == build_signature(connection, load_settings(SETTINGS), None)
    record_incremental_state(connection, signature, AS_OF, 7)
    assert find_incremental_state(connection, signature, AS_OF) == foundation.Foundation(AS_OF, 7)
    assert find_incremental_state(connection, signature, date(2025, 12, 31)) is None
    assert find_incremental_state(connection, "another", AS_OF) is None


def test_a_setting_a_day_of_knowledge_or_a_library_makes_another(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = load_settings(SETTINGS)
    found = {build_signature(connection, plain, None), build_signature(connection, plain, AS_OF)}
    euro = load_settings({**SETTINGS, "LIFECYCLE_CURRENCY": "CZK"})
    found.add(build_signature(connection, euro, None))
    real = foundation.version
    monkeypatch.setattr(
        foundation, "version", lambda name: "0" if name == "phonenumbers" else real(name)
    )
    found.add(build_signature(connection, plain, None))
    assert len(found) == 4
