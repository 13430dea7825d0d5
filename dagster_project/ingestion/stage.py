"""The temporary table between a reader and the raw table. Belongs here: creating and dropping it, and
the hash that identifies an exactly redelivered record. Does not belong here: readers, raw tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from dagster_project.ingestion.formats import Entity
from dagster_project.warehouse.sql import literal, quoted

STAGED = "staged_records"
LINES = "staged_lines"
UNWANTED = "staged_unwanted"
NUMBERS = "staged_record_numbers"
PRESENT = "present_records"
MANY_RECORDS = 10_000
TABLES = (STAGED, LINES, UNWANTED, NUMBERS, PRESENT)


def stage(
    connection: duckdb.DuckDBPyConnection,
    select: str,
    columns: Mapping[str, str],
    entity: Entity,
    records: int,
) -> int:
    """Fills `staged_records` from `select`, in its order, with a `_record_hash` when the entity has
    a key. `records` is the expected number of rows. Returns the actual number. The table's rowid is
    the order."""
    record_hash = _record_hash(columns, records) if entity.key and columns else "null::hugeint"
    connection.execute(
        f"create or replace temp table {STAGED} as "
        f"select *, {record_hash} as _record_hash from ({select}) as delivered"
    )
    return int(scalar(connection, f"select count(*) from {STAGED}"))


def drop_staged(connection: duckdb.DuckDBPyConnection) -> None:
    """Drops the temporary tables of a load."""
    for table in TABLES:
        connection.execute(f"drop table if exists temp.{table}")


def scalar(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Iterable[object] = ()
) -> int:
    """The one number a query returns; a null is 0."""
    row = connection.execute(query, list(parameters)).fetchone()
    return int(row[0] or 0) if row else 0


def trimmed(name: str, delivered_type: str, records: int) -> str:
    """SQL of a value as the rules check it: text without blanks around it, empty text as null."""
    column = quoted(name)
    if delivered_type != "VARCHAR":
        return column
    if records < MANY_RECORDS:
        return f"nullif(trim({column}), '')"
    # The same result. Faster to run, since few values have a blank to trim, and slower to plan.
    return (
        f"nullif(case when starts_with({column}, ' ') or suffix({column}, ' ') "
        f"then trim({column}) else {column} end, '')"
    )


def key_text(name: str) -> str:
    """SQL of a key column as models compare it: trimmed text, whatever type it was delivered with."""
    return f"trim({quoted(name)}::varchar)"


def moment(name: str) -> str:
    """SQL of a delivered time in UTC, through microseconds since 1970, so that no time zone has an effect."""
    return f"make_timestamp(epoch_us(try_cast({quoted(name)} as timestamptz)))"


def _record_hash(columns: Mapping[str, str], records: int) -> str:
    """SQL of the record's hash: 127 bits of the md5 of `name:value` for every column that is not null,
    ordered by name. So neither the order of columns nor an additional empty column changes the hash."""
    parts = ", ".join(
        f"{literal(name + ':')} || cast({trimmed(name, columns[name], records)} as varchar)"
        for name in sorted(columns)
    )
    return f"(md5_number(concat_ws(chr(31), {parts})) >> 1)::hugeint"
