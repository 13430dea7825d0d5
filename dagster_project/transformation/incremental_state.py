"""What a build of the models may stand on: the last build's tables, or nothing. Belongs here: the record of
the last models that were built whole, and whether this build may compute only what changed since. Does not
belong here: what changed (`dbt/models/intermediate/affected/`)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version

import duckdb

from dagster_project.settings import Settings
from dagster_project.transformation.project import dbt_variables, project_fingerprint

# What rows of models are computed with: another version may compute others.
COMPUTING = ("duckdb", "dbt-core", "dbt-duckdb", "phonenumbers")


@dataclass(frozen=True)
class Foundation:
    """The last build that all models and their tests went through: its date (exclusive) and the number
    of the last load it knew."""

    as_of: date
    last_load: int


def ensure_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates `meta.models_built`, at most one row: the state in which the models' tables are. There is
    no row while they are being written, nor after a build of them failed."""
    connection.execute("create schema if not exists meta")
    connection.execute(
        """
        create table if not exists meta.models_built (
            signature varchar not null,
            as_of date not null,
            last_load bigint not null
        )
        """
    )
    # Of the loads up to the last one, those that were used; null of builds before it was kept.
    connection.execute("alter table meta.models_built add column if not exists load_count bigint")


def find_incremental_state(
    connection: duckdb.DuckDBPyConnection, signature: str, as_of: date
) -> Foundation | None:
    """The last build, if one for `as_of` may stand on it: of the same models, reference data and
    settings, not of a later day, and of all loads up to its last. A file that was rejected then and could be
    used since is one of those, as it keeps its place. None means that everything is to be computed."""
    ensure_table(connection)
    row = connection.execute(
        "select as_of, last_load from meta.models_built where signature = $1 and as_of <= $2"
        f" and load_count = ({_count_of_loads('last_load')})",
        [signature, as_of],
    ).fetchone()
    return Foundation(*row) if row else None


def delete_incremental_state(connection: duckdb.DuckDBPyConnection) -> None:
    """Says that the tables are being written: should that not end well, nothing may stand on them."""
    ensure_table(connection)
    connection.execute("delete from meta.models_built")


def record_incremental_state(
    connection: duckdb.DuckDBPyConnection, signature: str, as_of: date, last_load: int
) -> None:
    """Says that every model was built and every test passed, with all loads up to `last_load`."""
    delete_incremental_state(connection)
    connection.execute(
        f"insert into meta.models_built select $1, $2, $3, ({_count_of_loads('$3')})",
        [signature, as_of, last_load],
    )


def _count_of_loads(last: str) -> str:
    """SQL of how many deliveries are used, of those up to the load that `last` gives the number of."""
    return f"select count(*) from ingest.loads where status = 'loaded' and load_number <= {last}"


def newest_load(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the last load in the ledger; 0 when there is none."""
    row = connection.execute("select coalesce(max(load_number), 0) from ingest.loads").fetchone()
    assert row is not None
    return int(row[0])


def build_signature(
    connection: duckdb.DuckDBPyConnection, settings: Settings, known_at: date | None
) -> str:
    """Changes with everything but deliveries and the date that a result depends on: the models and
    reference data, the libraries that compute, the settings that models read, and the key of the pseudonyms."""
    pads = connection.execute("select inner_pad, outer_pad from ingest.pseudonym_key").fetchone()
    parts = {
        "project": project_fingerprint(),
        "libraries": {name: version(name) for name in COMPUTING},
        "variables": dbt_variables(settings),
        "known_at": known_at.isoformat() if known_at else None,
        "key": hashlib.sha256(repr(pads).encode()).hexdigest(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
