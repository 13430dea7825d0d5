"""Tables of the schema `forecast` as assets. Belongs here: what the assets of all forecasts share. Does not
belong
here: the forecasts (`defs/forecasting/`, `defs/lifetime_value/`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg
import duckdb

from dagster_project.components.groups import group
from dagster_project.transformation.incremental_state import (
    IncrementalState,
    complete_state,
    read_state,
)


def table_specs(
    descriptions: Mapping[str, str], inputs: Sequence[Sequence[str]], in_group: str
) -> list[dg.AssetSpec]:
    """One asset per described table; all are computed together from the same inputs."""
    return [
        dg.AssetSpec(
            ["forecast", table],
            deps=[dg.AssetKey(key) for key in inputs],
            group_name=group(in_group),
            kinds={"python", "duckdb"},
            owners=["team:analytics"],
            description=description,
            metadata={"dagster/table_name": f"forecast.{table}"},
        )
        for table, description in descriptions.items()
    ]


def forecast_state(connection: duckdb.DuckDBPyConnection) -> IncrementalState:
    """Of a build that has come as far as forecasts, or of one that is complete."""
    state = read_state(connection)
    return state if state.phase == "forecast" else complete_state(connection)


def row_counts(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> dict[str, int]:
    """The number of rows of each table."""
    return {
        table: connection.execute(f"select count(*) from forecast.{table}").fetchall()[0][0]
        for table in tables
    }


def results(
    context: dg.AssetExecutionContext,
    counts: Mapping[str, int],
    metadata: Mapping[str, dg.RawMetadataValue],
) -> Iterator[dg.MaterializeResult[None]]:
    """A result for each table that was asked for, with its number of rows."""
    for table, count in counts.items():
        key = dg.AssetKey(["forecast", table])
        if key in context.selected_asset_keys:
            yield dg.MaterializeResult(
                asset_key=key, metadata={**metadata, "dagster/row_count": count}
            )
