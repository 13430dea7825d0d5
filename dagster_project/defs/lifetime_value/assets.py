"""Lifetime value as assets: the week's models and this build's scores. Does not belong here: how
they come about (`lifetime_value/`)."""

from collections.abc import Iterator

import dagster as dg
import duckdb

from dagster_project import progress
from dagster_project.components.groups import group
from dagster_project.lifetime_value.tables import SHAPES
from dagster_project.resources import Toolbox
from dagster_project.transformation.incremental_state import (
    IncrementalState,
    complete_state,
    read_state,
)

STEP = "fit lifetime value"
INPUTS = (
    "int_value_fit",
    "int_value_cells",
    "int_customer_purchases",
    "int_customer_purchase_days",
)
DESCRIPTIONS = {
    "lifetime_value_scores": "One row per cell of equal purchase histories, with its forecast.",
    "lifetime_value_verdicts": "One row: which model predicts, or why none does.",
    "lifetime_value_models": "One row per fit of every build: parameters and how it did.",
    "lifetime_value_diagnostics": "Points of the pictures that show whether forecasts hold.",
}


@dg.multi_asset(
    name="lifetime_value",
    specs=[
        dg.AssetSpec(
            ["forecast", table],
            deps=[dg.AssetKey(["intermediate", model]) for model in INPUTS],
            group_name=group("lifetime_value"),
            kinds={"python", "duckdb"},
            owners=["team:analytics"],
            description=DESCRIPTIONS[table],
            metadata={"dagster/table_name": f"forecast.{table}"},
        )
        for table in SHAPES
    ],
    can_subset=True,  # whichever are asked for: one computation writes all four
)
def lifetime_value(
    context: dg.AssetExecutionContext, toolbox: dg.ResourceParam[Toolbox]
) -> Iterator[dg.MaterializeResult[None]]:
    """Tries the models on the past, fits the best, scores every history. Champion or nothing."""
    from dagster_project.lifetime_value.fit import forecast  # scipy: loaded while dbt worked
    from dagster_project.lifetime_value.histories import asking, thresholds

    with progress.step(STEP), toolbox.explaining(context):
        with toolbox.warehouse.connect() as connection:
            state = _state(connection)
            outcome = forecast(
                connection,
                as_of=state.as_of,
                build_id=state.build_id,
                thresholds=thresholds(asking(connection)),
            )
            counts = {
                table: connection.execute(f"select count(*) from forecast.{table}").fetchall()[0][0]
                for table in SHAPES
            }
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
    for table, count in counts.items():
        key = dg.AssetKey(["forecast", table])
        if key in context.selected_asset_keys:
            yield dg.MaterializeResult(
                asset_key=key, metadata={**metadata, "dagster/row_count": count}
            )


def _state(connection: duckdb.DuckDBPyConnection) -> IncrementalState:
    """Of a build that has come as far as forecasts, or of one that is complete."""
    state = read_state(connection)
    return state if state.phase == "forecast" else complete_state(connection)
