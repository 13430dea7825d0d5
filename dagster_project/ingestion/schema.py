"""The tables that ingestion writes. Belongs here: creating the ledger, the quarantine and the raw
tables, and adapting a raw table to a delivery with other columns or types. Does not belong here:
rows."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from dagster_project.ingestion.formats import METADATA_COLUMNS, Format
from dagster_project.ingestion.stage import STAGED, scalar
from dagster_project.warehouse.sql import quoted

LEDGER = """
    create table if not exists ingest.loads (
        load_id varchar primary key, load_number bigint, system varchar, entity varchar,
        location varchar, content_hash varchar, bytes bigint, status varchar, reason varchar,
        physical_records bigint, accepted_records bigint, quarantined_records bigint,
        redelivered_records bigint, newest_record_at timestamp, columns_seen varchar,
        loaded_at timestamp, build_id varchar, last_seen_build_id varchar, modified_ns bigint,
        superseded_records bigint default 0, order_decided_records bigint default 0,
        deleted_records bigint default 0
    )"""
QUARANTINE = """
    create table if not exists ingest.quarantine (
        quarantine_id varchar primary key, load_id varchar, system varchar, entity varchar,
        location varchar, line_number bigint, record_number bigint, record_count bigint,
        raw_bytes blob, reason varchar, status varchar, quarantined_at timestamp
    )"""


def raw_table(system: str, entity: str) -> str:
    """The raw table's name in SQL."""
    return f"{quoted('raw_' + system)}.{quoted(entity)}"


def ensure_tables(connection: duckdb.DuckDBPyConnection, formats: Mapping[str, Format]) -> None:
    """Creates, where missing, the ledger, the quarantine and the raw table of every entity that the
    systems may deliver; `formats` maps system to format. An entity that is never delivered is an
    empty table."""
    connection.execute("begin")
    try:
        connection.execute("create schema if not exists ingest")
        connection.execute(LEDGER)
        for added in ("superseded_records", "order_decided_records", "deleted_records"):
            connection.execute(
                f"alter table ingest.loads add column if not exists {added} bigint default 0"
            )
        connection.execute(QUARANTINE)
        for system, format_ in formats.items():
            connection.execute(f"create schema if not exists {quoted('raw_' + system)}")
            existing = _columns_of_schema(connection, f"raw_{system}")
            for entity in format_.entities.values():
                declared = dict.fromkeys(entity.column_names, "varchar") | METADATA_COLUMNS
                _ensure_table(connection, system, entity.name, declared, existing)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _columns_of_schema(connection: duckdb.DuckDBPyConnection, schema: str) -> dict[str, set[str]]:
    rows = connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = ?",
        [schema],
    ).fetchall()
    tables: dict[str, set[str]] = {}
    for table, column in rows:
        tables.setdefault(table, set()).add(column)
    return tables


def _ensure_table(
    connection: duckdb.DuckDBPyConnection,
    system: str,
    entity: str,
    declared: Mapping[str, str],
    existing: Mapping[str, set[str]],
) -> None:
    table = raw_table(system, entity)
    if entity not in existing:
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in declared.items())
        connection.execute(f"create table {table} ({columns})")
        return
    # A format may have grown since the table was made.
    for name in [name for name in declared if name not in existing[entity]]:
        connection.execute(f"alter table {table} add column {quoted(name)} {declared[name]}")


def fit_raw_table(
    connection: duckdb.DuckDBPyConnection, table: str, staged: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Adapts a raw table to the staged columns, within the caller's transaction. A column keeps its
    delivered type while deliveries agree, and becomes VARCHAR once they differ. Returns the type to
    insert each staged column as, and the columns that are new."""
    described = connection.execute(f"describe {table}").fetchall()
    existing = {name: kind for name, kind, *_ in described}
    types: dict[str, str] = {}
    new: list[str] = []
    for name, kind in staged.items():
        column = quoted(name)
        types[name] = kind
        if name not in existing:
            connection.execute(f"alter table {table} add column {column} {kind}")
            new.append(name)
        elif existing[name] != kind:
            types[name] = _agreed_type(connection, table, column, existing[name], kind)
            if types[name] != existing[name]:
                connection.execute(f"alter table {table} alter column {column} type {types[name]}")
    return types, new


def _agreed_type(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, existing: str, delivered: str
) -> str:
    # Values decide, not declarations: a column that has only nulls so far takes the staged type.
    if scalar(connection, f"select count({column}) from {table}") == 0:
        return delivered
    if scalar(connection, f"select count({column}) from {STAGED}") == 0:
        return existing
    return "VARCHAR"
