"""Forecasts of stages and revenue as assets. Does not belong here: how they come about (`forecasting/`), or
lifetime value (`defs/lifetime_value/`)."""

from collections.abc import Iterator

import dagster as dg

from dagster_project import progress
from dagster_project.components.forecast_tables import (
    forecast_state,
    results,
    row_counts,
    table_specs,
)
from dagster_project.forecasting.tables import SHAPES
from dagster_project.resources import Toolbox

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
    specs=table_specs(DESCRIPTIONS, INPUTS, "forecasts"),
    can_subset=True,  # whichever are asked for: one computation writes all
)
def forecasts(
    context: dg.AssetExecutionContext, toolbox: dg.ResourceParam[Toolbox]
) -> Iterator[dg.MaterializeResult[None]]:
    """Backtests every candidate at every past month-end, and publishes what earned it."""
    from dagster_project.forecasting.run import forecast  # scipy: loaded while dbt worked

    with progress.step(STEP), toolbox.explaining(context):
        with toolbox.warehouse.connect() as connection:
            outcome = forecast(connection, as_of=forecast_state(connection).as_of)
            counts = row_counts(connection, list(SHAPES))
        for name, method in outcome.methods.items():
            progress.say(f"{name}: {method or 'no forecast'}")
    metadata: dict[str, dg.RawMetadataValue] = {
        name: method or "none" for name, method in outcome.methods.items()
    }
    yield from results(context, counts, metadata)
