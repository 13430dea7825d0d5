"""Forecasts of stages and revenue as assets. Does not belong here: how they come about (`forecasting/`), or
lifetime value (`defs/lifetime_value/`)."""

from collections.abc import Iterator

import dagster as dg

from dagster_project import progress
from dagster_project.components.groups import group
from dagster_project.forecasting.tables import SHAPES
from dagster_project.resources import Toolbox
from dagster_project.transformation.incremental_state import complete_state, read_state

STEP = "forecast stages and revenue"
INPUTS = (
    ["intermediate", "int_stage_spells"],
    ["intermediate", "int_thresholds"],
    ["core", "dim_lifecycle_stages"],
    ["intermediate", "int_cohort_months_counted"],
)
DESCRIPTIONS = {
    "stage_forecasts": "One row per lifecycle, stage and month ahead, also where nothing is published.",
    "stage_forecast_backtests": "One row per published stage, past origin and month.",
    "revenue_forecasts": "One row per part of the revenue and month ahead, also where nothing is published.",
    "revenue_forecast_backtests": "One row per published part, past origin and month.",
    "forecast_candidates": "One row per forecast and candidate, and how it did in the backtest.",
}


@dg.multi_asset(
    name="forecasts",
    specs=[
        dg.AssetSpec(
            ["forecast", table],
            deps=[dg.AssetKey(key) for key in INPUTS],
            group_name=group("forecasts"),
            kinds={"python", "duckdb"},
            owners=["team:analytics"],
            description=DESCRIPTIONS[table],
            metadata={"dagster/table_name": f"forecast.{table}"},
        )
        for table in SHAPES
    ],
    can_subset=True,  # whichever are asked for: one computation writes all
)
def forecasts(
    context: dg.AssetExecutionContext, toolbox: dg.ResourceParam[Toolbox]
) -> Iterator[dg.MaterializeResult[None]]:
    """Backtests every candidate at every past month-end, and publishes what earned it."""
    from dagster_project.forecasting.run import forecast  # scipy: loaded while dbt worked

    with progress.step(STEP), toolbox.explaining(context):
        with toolbox.warehouse.connect() as connection:
            state = read_state(connection)
            if state.phase != "forecast":
                state = complete_state(connection)
            outcome = forecast(connection, as_of=state.as_of)
            counts = {
                table: connection.execute(f"select count(*) from forecast.{table}").fetchall()[0][0]
                for table in SHAPES
            }
        for name, method in outcome.methods.items():
            progress.say(f"{name}: {method or 'no forecast'}")
    metadata: dict[str, dg.RawMetadataValue] = {
        name: method or "none" for name, method in outcome.methods.items()
    }
    for table, count in counts.items():
        key = dg.AssetKey(["forecast", table])
        if key in context.selected_asset_keys:
            yield dg.MaterializeResult(
                asset_key=key, metadata={**metadata, "dagster/row_count": count}
            )
