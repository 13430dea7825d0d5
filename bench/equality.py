"""The proof that two DuckDB files hold the same marts. Belongs here: comparing every table of the served
schemas, row for row and column for column. Does not belong here: what wrote the files, or how fast."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench.baseline import FITTED_COLUMNS, FITTED_TABLES
from dagster_project.publication.layout import SCHEMAS


@dataclass(frozen=True)
class TableComparison:
    """One table of either file. `only_left` and `only_right` count rows, repeated ones each time;
    `trouble` is why rows could not be compared (missing table, other columns)."""

    table: str
    rows: int
    only_left: int = 0
    only_right: int = 0
    trouble: str = ""

    @property
    def is_equal(self) -> bool:
        """Same columns, same types, same rows as often."""
        return not self.trouble and self.only_left == 0 and self.only_right == 0


def compare_marts(left: Path, right: Path) -> list[TableComparison]:
    """Every mart of the second file, in the columns that it has there: the first file may have more. What
    is fitted outside SQL is left out. The order of rows does not count; the type of columns does.
    Floating-point numbers must be equal to the last bit."""
    connection = duckdb.connect()
    try:
        connection.execute("set TimeZone = 'UTC'")
        for name, path in (("left_file", left), ("right_file", right)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        tables = {name: _tables(connection, name) for name in ("left_file", "right_file")}
        return [
            _compare(connection, table, tables["left_file"], tables["right_file"])
            for table in sorted(tables["right_file"])
            if table not in FITTED_TABLES
        ]
    finally:
        connection.close()


Columns = list[tuple[str, str]]


def _tables(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, Columns]:
    found: dict[str, Columns] = {}
    schemas = ", ".join(f"'{schema}'" for schema in SCHEMAS)
    for schema, table, column, data_type in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns()"
        f" where database_name = '{catalog}' and schema_name in ({schemas})"
        " order by schema_name, table_name, column_index"
    ).fetchall():
        if not column.startswith(FITTED_COLUMNS):
            found.setdefault(f"{schema}.{table}", []).append((column, data_type))
    return found


def _compare(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    left: dict[str, Columns],
    right: dict[str, Columns],
) -> TableComparison:
    if table not in left:
        return TableComparison(table, 0, trouble="missing in the first file")
    rows = _count(connection, f"from left_file.{table}")
    missing = [column for column in right[table] if column not in left[table]]
    if missing:
        return TableComparison(table, rows, trouble=_difference(left[table], missing[0]))
    names = ", ".join(name for name, _ in right[table])
    ours, theirs = (
        f"select {names} from left_file.{table}",
        f"select {names} from right_file.{table}",
    )
    return TableComparison(
        table,
        rows,
        _count(connection, f"{ours} except all {theirs}"),
        _count(connection, f"{theirs} except all {ours}"),
    )


def _difference(left: Columns, missing: tuple[str, str]) -> str:
    name, data_type = missing
    found = dict(left).get(name)
    return f"column {name} is {found or 'missing'} in the first file, {data_type} in the second"


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(f"select count(*) from ({query})").fetchone()
    assert row is not None
    return int(row[0])
