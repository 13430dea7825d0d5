"""The first rows of a served table, for people who look at it in Dagster. Belongs here: which rows and
columns, and how they are written. Does not belong here: where they are shown (`defs/publication/`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from dagster_project.warehouse.sql import quoted

ROWS, COLUMNS = 5, 8


def previews(database: Path, relations: Sequence[str]) -> dict[str, str]:
    """For each `schema.table` a Markdown table of some of its rows and its first columns. Served tables hold
    pseudonyms, so these hold no personal data."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return {relation: _markdown(connection, relation) for relation in relations}


def _markdown(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    schema, _, table = relation.partition(".")
    cursor = connection.execute(f"from {quoted(schema)}.{quoted(table)} limit {ROWS}")
    names = [column[0] for column in cursor.description or ()][:COLUMNS]
    rows = [[_cell(value) for value in row[:COLUMNS]] for row in cursor.fetchall()]
    return "\n".join(_line(cells) for cells in [names, ["---"] * len(names), *rows])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
