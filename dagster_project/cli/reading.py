"""Short read-only queries of the two database files. Belongs here: opening them, and what they contain. Does
not belong here: the queries of the commands (`summary.py` and the commands)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import duckdb

from dagster_project.errors import UserError
from dagster_project.publication.snapshot import literal
from dagster_project.warehouse.trouble import explained

Connection: TypeAlias = duckdb.DuckDBPyConnection


@contextmanager
def opened(file: Path) -> Iterator[Connection]:
    """The file, read-only. Raises UserError when it is missing or unreadable, BusyError when
    another process is writing to it."""
    if not file.exists():
        raise UserError(
            "This file does not exist yet.", where=str(file), todo="Run `lifecycle build`."
        )
    with explained("read the database", file):
        connection = duckdb.connect(str(file), read_only=True)
    try:
        yield connection
    finally:
        connection.close()


def rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    """All rows of a query. It has no parameters: binding one would import pandas, 1.5 s."""
    found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
    return found


def columns(connection: Connection, relation: str) -> set[str]:
    """The columns of `schema.table`; empty when there is no such table or view."""
    schema, name = relation.split(".")
    found = rows(
        connection,
        "select column_name from information_schema.columns "
        f"where table_schema = {literal(schema)} and table_name = {literal(name)}",
    )
    return {name for (name,) in found}
