"""Whether plain SQL writes what a build serves: every mart, its columns, its rows, and what they add up to.
Belongs here: that comparison, where ids differ and identity is plainer. Does not belong here: equality row for
row (`equality.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.cli.terminal import Table
from dagster_project.publication.layout import SCHEMAS

# Fitted by numerics outside SQL: plain SQL has these tables and columns, and nothing in them.
FITTED_TABLES = ("value.lifetime_value_models", "value.rpt_lifetime_value_diagnostics")
FITTED_COLUMNS = ("probability_a", "expected_orders_", "predicted_")
# What must agree for each value of a column, not only altogether.
GROUPED = {
    "core.fct_customer_activities": "activity",
    "core.fct_orders": "if(is_counted, 'counted', 'not counted')",
    "engagement.rpt_channel_attribution": "attribution_model || ' ' || channel",
    "lifecycle.fct_customer_stage_transitions": "lifecycle || ' ' || direction",
    "lifecycle.rpt_stage_kpis": "lifecycle || ' ' || indicator",
}
NUMBERS = ("BIGINT", "DECIMAL", "DOUBLE", "HUGEINT", "INTEGER")
ROWS_SHARE, ROWS_SPARE = 0.02, 5
TOTALS_SHARE = 0.005


@dataclass(frozen=True)
class Mart:
    """A table in a file. `totals`: of every number the sum without signs, so that nothing is small by
    cancelling out, and of every condition the rows in which it is true, by group and column."""

    rows: int
    columns: tuple[str, ...]
    totals: dict[str, float]


def read_marts(path: Path) -> dict[str, Mart]:
    """Every mart of a DuckDB file, by schema and name."""
    columns: dict[str, list[tuple[str, str]]] = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        for table, column, data_type in connection.execute(
            "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
            " where list_contains(?, schema_name) order by schema_name, table_name, column_index",
            [list(SCHEMAS)],
        ).fetchall():
            columns.setdefault(table, []).append((column, data_type))
        return {table: _read(connection, table, found) for table, found in columns.items()}


def compare(served: Path, plain: Path) -> tuple[Table, list[str]]:
    """The numbers of rows side by side, and what is wrong: a mart or a column that plain SQL lacks, rows that
    differ by more than 2 % and more than 5, totals that differ by more than 0.5 %."""
    theirs = read_marts(plain)
    rows: list[tuple[object, ...]] = []
    troubles: list[str] = []
    for name, mart in read_marts(served).items():
        other = theirs.get(name)
        if other is None:
            rows.append((name, mart.rows, "missing", ""))
            troubles.append(f"plain SQL does not write {name}.")
            continue
        differing = [] if name in FITTED_TABLES else _differing_totals(name, mart, other)
        troubles += [*_differing_shape(name, mart, other), *differing]
        count = len(mart.totals)
        agreeing = "fitted" if name in FITTED_TABLES else f"{count - len(differing)} of {count}"
        rows.append((name, mart.rows, other.rows, agreeing))
    headers = ["mart", "rows served", "rows of plain SQL", "totals that agree"]
    return Table("the same marts: rows served and rows of plain SQL", headers, rows), troubles


def _read(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[tuple[str, str]]
) -> Mart:
    names = tuple(name for name, _ in columns)
    asked = {}
    for name, data_type in columns:
        if data_type == "BOOLEAN":
            asked[name] = f"count(*) filter ({name})"
        elif data_type.startswith(NUMBERS) and not name.startswith(FITTED_COLUMNS):
            asked[name] = f"coalesce(sum(abs({name})), 0)"
    group = GROUPED.get(table, "''")
    found = connection.execute(
        f"select {', '.join([group, 'count(*)', *asked.values()])} from {table} group by 1"
    ).fetchall()
    totals = {
        f"{key} {name}".strip(): float(value)
        for key, *values in found
        for name, value in zip(["rows", *asked], values, strict=True)
        if key != "" or name != "rows"
    }
    return Mart(sum(row[1] for row in found), names, totals)


def _differing_shape(name: str, mart: Mart, other: Mart) -> list[str]:
    missing = sorted(set(mart.columns) - set(other.columns))
    found = [f"plain SQL writes {name} without {column}." for column in missing]
    spare = max(ROWS_SPARE, ROWS_SHARE * mart.rows)
    if name not in FITTED_TABLES and abs(mart.rows - other.rows) > spare:
        found.append(f"{name}: {mart.rows:,} rows are served, plain SQL has {other.rows:,}.")
    return found


def _differing_totals(name: str, mart: Mart, other: Mart) -> list[str]:
    return [
        f"{name}: {total} is {ours:,.2f} as served and {theirs:,.2f} by plain SQL."
        for total, ours in mart.totals.items()
        if abs(ours - (theirs := other.totals.get(total, 0.0))) > TOTALS_SHARE * max(ours, theirs)
    ]
