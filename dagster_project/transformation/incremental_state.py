"""The incremental state: from which deliveries, for which date and by which models the tables of the
warehouse were made, and how far a build of them has come. Belongs here: its one row,
`meta.incremental_state`, and whether a build may compute only what changed since. Does not belong here:
what changed (`dbt/models/intermediate/affected/`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import duckdb

from dagster_project.errors import UserError

TABLE = "meta.incremental_state"
# While models are written; once forecasts can be made; once every model is there and every test has passed.
Phase = Literal["models", "forecast", "complete"]


@dataclass(frozen=True)
class Base:
    """The last build, on top of which an incremental build computes: its date (exclusive) and the number of the
    last load it read."""

    as_of: date
    last_load: int


@dataclass(frozen=True)
class IncrementalState:
    """The build that the tables of the warehouse are made by.

    Attributes:
        build_id: the Dagster run that began it.
        as_of, known_at: dates, exclusive; `known_at` is None when everything loaded counts.
        signature: of models, reference data and settings; None when some table was since made by others.
        last_load: number of the last load that the tables were made from.
        base: what an incremental build computed on top of; None after a full refresh.
        phase: how far the build has come.
    """

    build_id: str
    as_of: date
    known_at: date | None
    signature: str | None
    last_load: int
    base: Base | None
    phase: Phase

    @property
    def is_complete(self) -> bool:
        """Whether every model is there and every test has passed."""
        return self.phase == "complete"


def ensure_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates the table of the incremental state, of at most one row."""
    connection.execute("create schema if not exists meta")
    connection.execute(
        f"""
        create table if not exists {TABLE} (
            build_id varchar not null,
            as_of date not null,
            known_at date,
            signature varchar,
            last_load bigint not null,
            load_count bigint not null,
            base_as_of date,
            base_last_load bigint,
            phase varchar not null
        )
        """
    )


def begin_build(
    connection: duckdb.DuckDBPyConnection,
    build_id: str,
    *,
    as_of: date,
    known_at: date | None,
    signature: str,
    full_refresh: bool,
) -> tuple[IncrementalState, str]:
    """Records that a build of all models begins, and returns its state with the reason in words when it is a
    full refresh (else an empty text). Should the build not end well, the next one is a full refresh."""
    ensure_table(connection)
    base, reason = (None, "asked for") if full_refresh else _base(connection, signature, as_of)
    last_load = newest_load(connection)
    state = IncrementalState(build_id, as_of, known_at, signature, last_load, base, "models")
    connection.execute(f"delete from {TABLE}")
    connection.execute(
        f"insert into {TABLE} select $1, $2, $3, $4, $5, ({_count_of_loads('$5')}), $6, $7, 'models'",
        [
            *(build_id, as_of, known_at, signature, last_load),
            *((base.as_of, base.last_load) if base else (None, None)),
        ],
    )
    return state, reason


def enter_phase(connection: duckdb.DuckDBPyConnection, phase: Phase) -> None:
    """Records how far the build has come."""
    connection.execute(f"update {TABLE} set phase = $1", [phase])


def mark_as_mixed(connection: duckdb.DuckDBPyConnection) -> None:
    """Records that some table is about to be made by other models or settings than the rest: nothing is
    published of such tables, and the next build is a full refresh."""
    connection.execute(f"update {TABLE} set signature = null")


def read_state(connection: duckdb.DuckDBPyConnection) -> IncrementalState:
    """The state of the tables. Raises UserError when no build has begun."""
    ensure_table(connection)
    row = connection.execute(
        "select build_id, as_of, known_at, signature, last_load, base_as_of, base_last_load, phase"
        f" from {TABLE}"
    ).fetchone()
    if row is None:
        raise UserError(
            "The warehouse holds no models yet: no build has reached them.",
            where=TABLE,
            todo="Run `lifecycle build` or launch the job nightly_build; any part can run alone after it.",
        )
    *front, base_as_of, base_last_load, phase = row
    base = None if base_as_of is None else Base(base_as_of, base_last_load)
    build_id, as_of, known_at, signature, last_load = front
    return IncrementalState(build_id, as_of, known_at, signature, last_load, base, phase)


def last_build_id(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The build that the tables are made by; None when no build has begun."""
    ensure_table(connection)
    row = connection.execute(f"select build_id from {TABLE}").fetchone()
    return None if row is None else str(row[0])


def complete_state(connection: duckdb.DuckDBPyConnection) -> IncrementalState:
    """The state, of a build that all models and their tests went through. Raises UserError otherwise."""
    state = read_state(connection)
    if not state.is_complete:
        raise UserError(
            "The last build of the models did not end well, so the tables do not belong together.",
            where=f"build {state.build_id}, as of {state.as_of}",
            todo="Run `lifecycle build` or launch the job nightly_build; any part can run alone after it.",
        )
    return state


def build_environment(
    as_of: date,
    *,
    base: Base | None = None,
    known_at: date | None = None,
    last_load: int | None = None,
) -> dict[str, str]:
    """What models read of a build (dbt/macros/as_of.sql, dbt/macros/incremental.sql,
    dbt/macros/deliveries.sql): its dates, the last load that they read (None: all), and the base of an
    incremental one."""
    given = {
        "DBT_AS_OF": as_of,
        "DBT_KNOWN_AT": known_at,
        "DBT_NEWEST_LOAD": last_load,
        "DBT_LAST_AS_OF": base and base.as_of,
        "DBT_LAST_LOAD": base and base.last_load,
    }
    return {name: "" if value is None else str(value) for name, value in given.items()}


def newest_load(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the last load in the ledger; 0 when there is none."""
    row = connection.execute("select coalesce(max(load_number), 0) from ingest.loads").fetchone()
    assert row is not None
    return int(row[0])


def _base(
    connection: duckdb.DuckDBPyConnection, signature: str, as_of: date
) -> tuple[Base | None, str]:
    """What a build can compute on top of, or why on nothing. A file that was rejected then and has been used
    since is one of the loads up to the last, as it keeps its place: then everything is computed."""
    row = connection.execute(
        f"select signature, as_of, last_load, phase, load_count = ({_count_of_loads('last_load')})"
        f" from {TABLE}"
    ).fetchone()
    if row is None:
        return None, "this is the first build"
    last_signature, last_as_of, last_load, phase, has_same_loads = row
    if phase != "complete":
        return None, "the last build did not end well"
    if last_signature is None:
        return None, "a table was made by other models than the rest"
    if last_signature != signature:
        return None, "models, reference data or settings have changed"
    if last_as_of > as_of:
        return None, f"the last build was as of a later day, {last_as_of}"
    if not has_same_loads:
        return None, "a file that the last build could not use has been loaded since"
    return Base(last_as_of, last_load), ""


def _count_of_loads(last: str) -> str:
    """SQL that counts the deliveries in use, of those up to the load whose number is `last`."""
    return f"select count(*) from ingest.loads where status = 'loaded' and load_number <= {last}"
