"""Inserts staged records into their raw table. Belongs here: leaving out bad and repeated records,
numbering the others, and the insert. Does not belong here: the transaction around it
(`transaction.py`)."""

from __future__ import annotations

import duckdb

from dagster_project.ingestion.delivery import Reading
from dagster_project.ingestion.formats import Entity
from dagster_project.ingestion.ledger import Load
from dagster_project.ingestion.stage import NUMBERS, STAGED, UNWANTED
from dagster_project.ingestion.validate import Validation
from dagster_project.ingestion.versions import mark_redelivered
from dagster_project.warehouse.sql import quoted


def mark_unwanted(
    connection: duckdb.DuckDBPyConnection, entity: Entity, draft: Load, validation: Validation
) -> int:
    """Fills the table of staged rows that are not to be inserted: bad records, and redelivered ones.
    Returns the number of the latter."""
    connection.execute(
        f"create or replace temp table {UNWANTED} as select unnest($1::bigint[]) as staged_row",
        [[row for row, _ in validation.violations]],
    )
    return mark_redelivered(connection, entity, draft) if entity.key else 0


def stage_numbers(connection: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    """Gives the staged rows their record numbers, where those are not simply 1, 2, 3 …"""
    # Outside the transaction: rows that are not committed yet have different rowids.
    if reading.record_numbers is not None:
        connection.register("record_numbers", {"number": reading.record_numbers})
        connection.execute(
            f"create or replace temp table {NUMBERS} as select number from record_numbers"
        )
        connection.unregister("record_numbers")


def insert_staged(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    types: dict[str, str],
    reading: Reading,
    draft: Load,
    *,
    is_partial: bool,
) -> int:
    """Inserts the staged rows and casts their columns to `types`. When `is_partial`, leaves out the
    unwanted rows. Returns the number of raw rows inserted."""
    columns = ", ".join(quoted(name) for name in types)
    casts = ", ".join(
        f"{STAGED}.{quoted(name)}" + ("" if kind == reading.columns[name] else f"::{kind}")
        for name, kind in types.items()
    )
    numbered, number = STAGED, f"{STAGED}.rowid + 1"
    if reading.record_numbers is not None:
        numbered = f"{STAGED} inner join {NUMBERS} on {STAGED}.rowid = {NUMBERS}.rowid"
        number = f"{NUMBERS}.number"
    # With nothing to leave out, the rows go straight through, in order.
    where = f"where {STAGED}.rowid not in (select staged_row from {UNWANTED})" if is_partial else ""
    prefix = "" if not columns else f"{columns}, "
    inserted = connection.execute(
        f"""
        insert into {table} (
            {prefix}_load_id, _load_number, _source_file, _source_row, _record_hash, _loaded_at
        )
        select {casts}{", " if casts else ""}$1, $2, $3, {number}, _record_hash, $4
        from {numbered} {where}""",
        [draft.load_id, draft.load_number, draft.location, draft.loaded_at],
    ).fetchone()
    return int(inserted[0]) if inserted else 0
