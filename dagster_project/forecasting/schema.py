"""The schema `forecast` of the private warehouse. Belongs here: creating its tables and filling them, for every
forecast. Does not belong here: which tables there are (`tables.py` of each package)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import duckdb

if TYPE_CHECKING:
    import pyarrow as pa

Row: TypeAlias = "Mapping[str, object]"
Shapes: TypeAlias = "Mapping[str, Mapping[str, str]]"
"""The columns of each table with their types."""


def ensure(connection: duckdb.DuckDBPyConnection, shapes: Shapes) -> None:
    """Creates the missing tables and columns; dbt models read all of them, which are empty before the first
    forecast."""
    connection.execute("create schema if not exists forecast")
    for table, columns in shapes.items():
        declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        connection.execute(f"create table if not exists forecast.{table} ({declared})")
    known = set(
        connection.execute(
            "select table_name, column_name from duckdb_columns()"
            " where schema_name = 'forecast' and database_name = current_database()"
        ).fetchall()
    )
    for table, columns in shapes.items():
        for name, kind in columns.items():
            if (table, name) not in known:
                connection.execute(f"alter table forecast.{table} add column {name} {kind}")


def insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    rows: Sequence[Row],
) -> None:
    """Adds rows to a table of these columns. A column that a row does not name is null."""
    import pyarrow as pa

    if rows:
        content = {name: [row.get(name) for row in rows] for name in columns}
        insert_table(connection, table, pa.table(content))


def insert_table(connection: duckdb.DuckDBPyConnection, table: str, content: pa.Table) -> None:
    """Adds rows to a table, by the names of their columns."""
    connection.register("new_rows", content)
    try:
        connection.execute(f"insert into forecast.{table} by name select * from new_rows")
    finally:
        connection.unregister("new_rows")
