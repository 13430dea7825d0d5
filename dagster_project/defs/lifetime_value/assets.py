"""Lifetime value as assets: the week's models and this build's scores. Does not belong here: how
they come about (`lifetime_value/`)."""

from collections.abc import Iterator

import dagster as dg

from dagster_project import progress
from dagster_project.components.forecast_tables import (
    forecast_state,
    results,
    row_counts,
    table_specs,
)
from dagster_project.forecasting.asking import asking
from dagster_project.lifetime_value.tables import SHAPES
from dagster_project.resources import Toolbox

STEP = "fit lifetime value"
INPUTS = [
    ["intermediate", model]
    for model in (
        "int_value_fit",
        "int_value_cells",
        "int_customer_purchases",
        "int_customer_purchase_days",
    )
]
DESCRIPTIONS = {
    "lifetime_value_scores": "One row per cell of equal purchase histories, with its forecast.",
    "lifetime_value_verdicts": "One row: which model predicts, or why none does.",
    "lifetime_value_models": "One row per fit of every build: parameters and how it did.",
    "lifetime_value_diagnostics": "Points of the pictures that show whether forecasts hold.",
}


@dg.multi_asset(
    name="lifetime_value",
    specs=table_specs(DESCRIPTIONS, INPUTS, "lifetime_value"),
    can_subset=True,  # whichever are asked for: one computation writes all four
)
def lifetime_value(
    context: dg.AssetExecutionContext, toolbox: dg.ResourceParam[Toolbox]
) -> Iterator[dg.MaterializeResult[None]]:
    """Tries the models on the past, fits the best, scores every history. Champion or nothing."""
    from dagster_project.lifetime_value.fit import forecast  # scipy: loaded while dbt worked
    from dagster_project.lifetime_value.histories import thresholds

    with progress.step(STEP), toolbox.explaining(context):
        with toolbox.warehouse.connect() as connection:
            state = forecast_state(connection)
            outcome = forecast(
                connection,
                as_of=state.as_of,
                build_id=state.build_id,
                thresholds=thresholds(asking(connection)),
            )
            counts = row_counts(connection, list(SHAPES))
        progress.say(
            f"{outcome.family}, fitted to purchases before {outcome.fitted_until}"
            if outcome.family
            else f"no forecast: {outcome.reason}"
        )
    metadata: dict[str, dg.RawMetadataValue] = {
        "reason": outcome.reason,
        "family": outcome.family or "none",
        "fitted until": str(outcome.fitted_until),
        "has drifted": outcome.has_drifted,
    }
    yield from results(context, counts, metadata)
