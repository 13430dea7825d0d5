"""Whether the baseline writes what a build serves: every mart, its columns, its rows, and its totals.
Belongs here: this comparison, for sources where ids differ and identity resolution is simpler. Does not
belong here: equality row for row (`equality.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench.baseline import FITTED_COLUMNS, FITTED_TABLES
from dagster_project.cli.terminal import Table
from dagster_project.publication.layout import SCHEMAS

# Totals of these marts must agree for each value of an expression, not only over all rows.
GROUPED = {
    "core.fct_customer_activities": "activity",
    "core.fct_orders": "if(is_counted, 'counted', 'not counted')",
    "engagement.rpt_campaign_attribution": "attribution_model || ' ' || channel",
    "engagement.rpt_channel_attribution": "attribution_model || ' ' || channel",
    "lifecycle.fct_customer_stage_transitions": "lifecycle || ' ' || direction",
    "lifecycle.rpt_stage_kpis": "lifecycle || ' ' || indicator",
}
NUMBERS = ("BIGINT", "DECIMAL", "DOUBLE", "HUGEINT", "INTEGER")
ROWS_SHARE, ROWS_SPARE = 0.02, 5
TOTALS_SHARE = 0.005


@dataclass(frozen=True)
class Mart:
    """A table in a file. `totals`, by group and column: for a number the sum of absolute values, so that
    nothing cancels out; for a boolean the rows in which it is true."""

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


def compare(served: Path, baseline: Path) -> tuple[Table, list[str]]:
    """The numbers of rows side by side, and what differs: a mart or column that the baseline lacks, row
    counts that differ by more than 2 % and more than 5 rows, totals that differ by more than 0.5 %."""
    theirs = read_marts(baseline)
    rows: list[tuple[object, ...]] = []
    troubles: list[str] = []
    for name, mart in read_marts(served).items():
        other = theirs.get(name)
        if other is None:
            rows.append((name, mart.rows, "missing", ""))
            troubles.append(f"The baseline does not write {name}.")
            continue
        troubles += _differing_shape(name, mart, other)
        if name in FITTED_TABLES:
            continue
        differing = _differing_totals(name, mart, other)
        troubles += differing
        count = len(mart.totals)
        rows.append((name, mart.rows, other.rows, f"{count - len(differing)} of {count}"))
    headers = ["mart", "rows served", "rows of the baseline", "totals that agree"]
    return Table("the same marts", headers, rows), troubles


def _read(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[tuple[str, str]]
) -> Mart:
    names = tuple(name for name, _ in columns)
    queried = {}
    for name, data_type in columns:
        if data_type == "BOOLEAN":
            queried[name] = f"count(*) filter ({name})"
        elif data_type.startswith(NUMBERS) and not name.startswith(FITTED_COLUMNS):
            queried[name] = f"coalesce(sum(abs({name})), 0)"
    group = GROUPED.get(table, "''")
    found = connection.execute(
        f"select {', '.join([group, 'count(*)', *queried.values()])} from {table} group by 1"
    ).fetchall()
    totals = {
        f"{key} {name}".strip(): float(value)
        for key, *values in found
        for name, value in zip(["rows", *queried], values, strict=True)
        if key != "" or name != "rows"
    }
    return Mart(sum(row[1] for row in found), names, totals)


def _differing_shape(name: str, mart: Mart, other: Mart) -> list[str]:
    missing = sorted(set(mart.columns) - set(other.columns))
    found = [f"The baseline writes {name} without {column}." for column in missing]
    spare = max(ROWS_SPARE, ROWS_SHARE * mart.rows)
    if name not in FITTED_TABLES and abs(mart.rows - other.rows) > spare:
        found.append(f"{name}: {mart.rows:,} rows are served, the baseline has {other.rows:,}.")
    return found


def _differing_totals(name: str, mart: Mart, other: Mart) -> list[str]:
    return [
        f"{name}: {total} is {ours:,.2f} as served and {theirs:,.2f} in the baseline."
        for total, ours in mart.totals.items()
        if abs(ours - (theirs := other.totals.get(total, 0.0))) > TOTALS_SHARE * max(ours, theirs)
    ]
