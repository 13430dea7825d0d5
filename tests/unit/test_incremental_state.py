"""What a build may compute on top of. Belongs here: what makes the next one a full refresh."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from dagster_project.errors import UserError
from dagster_project.settings import load_settings
from dagster_project.transformation import incremental_state, signature
from dagster_project.transformation.incremental_state import (
    Base,
    begin_build,
    build_environment,
    complete_state,
    enter_phase,
    mark_as_mixed,
    read_state,
)
from dagster_project.transformation.signature import build_signature

SETTINGS = {"LIFECYCLE_PII_KEY": "k"}
AS_OF = date(2026, 1, 1)
Connection = duckdb.DuckDBPyConnection


@pytest.fixture
def connection() -> Connection:
    opened = duckdb.connect()
    opened.execute("create schema ingest")
    opened.execute(
        "create table ingest.pseudonym_key as select 'in' as inner_pad, 'out' as outer_pad"
    )
    opened.execute("create table ingest.loads (load_number bigint, status varchar)")
    opened.execute("insert into ingest.loads values (6, 'loaded'), (7, 'rejected')")
    return opened


def begin(
    connection: Connection,
    build_id: str = "b",
    *,
    as_of: date = AS_OF,
    signature: str = "s",
    full_refresh: bool = False,
) -> tuple[Base | None, str]:
    state, reason = begin_build(
        connection,
        build_id,
        as_of=as_of,
        known_at=None,
        signature=signature,
        full_refresh=full_refresh,
    )
    return state.base, reason


def complete(connection: Connection, **given: object) -> None:
    begin(connection, **given)  # type: ignore[arg-type]
    enter_phase(connection, "complete")


def test_the_first_build_computes_everything_and_the_next_on_top_of_it(
    connection: Connection,
) -> None:
    assert begin(connection) == (None, "this is the first build")
    enter_phase(connection, "complete")
    connection.execute("insert into ingest.loads values (8, 'loaded')")
    assert begin(connection, "c") == (Base(AS_OF, 7), "")
    state = read_state(connection)
    assert (state.build_id, state.last_load, state.base, state.phase) == (
        *("c", 8, Base(AS_OF, 7), "models"),
    )


@pytest.mark.parametrize("phase", ["models", "forecast"])
def test_a_build_that_did_not_end_well_is_nothing_to_compute_on(
    connection: Connection, phase: incremental_state.Phase
) -> None:
    complete(connection)
    begin(connection)
    enter_phase(connection, phase)
    with pytest.raises(UserError, match="did not end well"):
        complete_state(connection)
    assert begin(connection) == (None, "the last build did not end well")


def test_what_else_makes_a_full_refresh(connection: Connection) -> None:
    complete(connection)
    assert begin(connection, full_refresh=True) == (None, "asked for")
    complete(connection)
    assert begin(connection, signature="t")[1].startswith("models, reference data or settings")
    complete(connection)
    assert "later day" in begin(connection, as_of=date(2025, 12, 31))[1]
    complete(connection)
    mark_as_mixed(connection)
    assert complete_state(connection).signature is None
    assert begin(connection)[1] == "a table was made by other models than the rest"


def test_a_file_rejected_then_and_used_since_needs_a_full_refresh(connection: Connection) -> None:
    """It keeps its place among the loads, which an incremental build does not read again."""
    complete(connection)
    connection.execute("update ingest.loads set status = 'loaded' where load_number = 7")
    assert "could not use has been loaded since" in begin(connection)[1]


def test_without_any_build_there_is_no_state(connection: Connection) -> None:
    with pytest.raises(UserError, match="no models yet"):
        read_state(connection)


def test_models_read_the_dates_and_loads_of_a_build() -> None:
    assert build_environment(AS_OF) == {
        "DBT_AS_OF": "2026-01-01",
        "DBT_KNOWN_AT": "",
        "DBT_NEWEST_LOAD": "",
        "DBT_LAST_AS_OF": "",
        "DBT_LAST_LOAD": "",
    }
    given = build_environment(AS_OF, base=Base(date(2025, 12, 31), 0), known_at=AS_OF, last_load=8)
    assert given == {
        "DBT_AS_OF": "2026-01-01",
        "DBT_KNOWN_AT": "2026-01-01",
        "DBT_NEWEST_LOAD": "8",
        "DBT_LAST_AS_OF": "2025-12-31",
        "DBT_LAST_LOAD": "0",
    }


def test_a_setting_a_day_of_knowledge_or_a_library_makes_another_signature(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = load_settings(SETTINGS)
    assert build_signature(connection, given, None) == build_signature(connection, given, None)
    found = {build_signature(connection, given, None), build_signature(connection, given, AS_OF)}
    crowns = load_settings({**SETTINGS, "LIFECYCLE_CURRENCY": "CZK"})
    found.add(build_signature(connection, crowns, None))
    real = signature.version
    monkeypatch.setattr(
        signature, "version", lambda name: "0" if name == "phonenumbers" else real(name)
    )
    found.add(build_signature(connection, given, None))
    assert len(found) == 4
