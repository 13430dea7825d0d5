"""What a source declares about its values. Belongs here: filling in defaults and scales where a record
has none. Does not belong here: checks."""

from __future__ import annotations

import duckdb

from dagster_project.ingestion.delivery import Reading
from dagster_project.ingestion.files import Source
from dagster_project.ingestion.stage import STAGED, trimmed
from dagster_project.warehouse.sql import literal, quoted


def fill_declared(
    connection: duckdb.DuckDBPyConnection, source: Source, entity: str, reading: Reading
) -> None:
    """Fills the empty values of the columns that the source declares a default or a scale for, also where a
    column is not delivered. The hash of a record is that of what was delivered."""
    scales = source.scales.get(entity, {})
    declared = {
        **source.defaults.get(entity, {}),
        **{f"{column}_scale": str(scale) for column, scale in scales.items()},
    }
    for column, value in declared.items():
        name = quoted(column)
        if column not in reading.columns:
            connection.execute(f"alter table {STAGED} add column {name} varchar")
            reading.columns[column] = "VARCHAR"
        empty = f"{trimmed(column, reading.columns[column], reading.physical)} is null"
        connection.execute(f"update {STAGED} set {name} = {literal(value)} where {empty}")
