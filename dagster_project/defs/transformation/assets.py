"""The dbt project as assets, in two halves: what forecasts are made from, and what is made from
forecasts. Does not belong here: how dbt is run (`components/dbt.py`), or any rule (`dbt/`)."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from dagster_project import progress
from dagster_project.components.dbt import build_models, is_whole, selected_nodes
from dagster_project.components.dbt_project import HIDDEN, MANIFEST, ON_FORECAST, TRANSLATOR
from dagster_project.components.declared import declared_formats
from dagster_project.components.groups import group
from dagster_project.forecasting.tables import ensure_tables as ensure_forecast_tables
from dagster_project.ingestion import ensure_tables, newest_record_at
from dagster_project.lifetime_value.tables import ensure_tables as ensure_value_tables
from dagster_project.resources import (
    FULL_REFRESH_TAG,
    Toolbox,
    requested_as_of,
    requested_known_at,
)
from dagster_project.transformation.as_of import resolve_as_of
from dagster_project.transformation.incremental_state import (
    IncrementalState,
    begin_build,
    complete_state,
    enter_phase,
    mark_as_mixed,
    read_state,
)
from dagster_project.transformation.signature import build_signature
from dagster_project.warehouse.builds import record_as_of

STEP, STEP_ON_FORECAST = "build models", "build value"


pseudonym_key = dg.AssetSpec(
    ["ingest", "pseudonym_key"],
    group_name=group("ingestion"),
    kinds={"duckdb"},
    owners=["team:data"],
    description="One row: the padded key of the pseudonyms. Every build writes it anew from the setting.",
    metadata={"dagster/table_name": "ingest.pseudonym_key"},
)


@dbt_assets(
    manifest=MANIFEST,
    name="dbt_build",
    exclude=f"{ON_FORECAST} {HIDDEN}",
    dagster_dbt_translator=TRANSLATOR,
)
def transformation(
    context: dg.AssetExecutionContext, toolbox: dg.ResourceParam[Toolbox]
) -> Iterator[Any]:
    """`dbt build` of all that needs no forecast, which begins a build of the models; of a part of it, the same
    rows as the last build made, by the models as they are now."""
    with progress.step(STEP), toolbox.explaining(context):
        if not is_whole(context, transformation):
            yield from _build_part(context, toolbox, STEP)
            return
        state = _begin(context, toolbox)
        yield from build_models(
            context,
            toolbox,
            state,
            step=STEP,
            selection=("--exclude", ON_FORECAST),
            base=state.base,
        )
        with toolbox.warehouse.connect() as connection:
            enter_phase(connection, "forecast")


@dbt_assets(
    manifest=MANIFEST, name="dbt_build_value", select=ON_FORECAST, dagster_dbt_translator=TRANSLATOR
)
def transformation_on_forecast(
    context: dg.AssetExecutionContext, toolbox: dg.ResourceParam[Toolbox]
) -> Iterator[Any]:
    """`dbt build` of all that reads forecasts, which completes a build of the models."""
    with progress.step(STEP_ON_FORECAST), toolbox.explaining(context):
        with toolbox.warehouse.connect() as connection:
            state = read_state(connection)
        if state.phase != "forecast" or not is_whole(context, transformation_on_forecast):
            yield from _build_part(context, toolbox, STEP_ON_FORECAST)
            return
        yield from build_models(
            context,
            toolbox,
            state,
            step=STEP_ON_FORECAST,
            selection=("--select", ON_FORECAST),
            base=state.base,
        )
        with toolbox.warehouse.connect() as connection:
            enter_phase(connection, "complete")


def _begin(context: dg.AssetExecutionContext, toolbox: Toolbox) -> IncrementalState:
    settings, known_at = toolbox.settings, requested_known_at(context)
    with toolbox.warehouse.connect() as connection:
        _prepare(toolbox, connection)
        enabled = {system: declared_formats()[system] for system in settings.systems}
        as_of = resolve_as_of(
            requested_as_of(context, settings),
            timezone=settings.reporting_timezone,
            newest_record_at=lambda: newest_record_at(connection, enabled),
        )
        record_as_of(connection, context.run_id, as_of)
        progress.say(f"as of {as_of} (exclusive)")
        state, reason = begin_build(
            connection,
            context.run_id,
            as_of=as_of,
            known_at=known_at,
            signature=build_signature(connection, settings, known_at),
            full_refresh=context.run.tags.get(FULL_REFRESH_TAG) == "true",
        )
    progress.say(
        f"incremental build: what changed since the build of {state.base.as_of}"
        if state.base
        else f"full refresh: {reason}"
    )
    return state


def _build_part(context: dg.AssetExecutionContext, toolbox: Toolbox, step: str) -> Iterator[Any]:
    """Just the models and tests that the run asks for, computed whole as of the last build and from the
    deliveries that it knew: next to the tables that are there, the rows belong together."""
    with toolbox.warehouse.connect() as connection:
        state = complete_state(connection)
        _prepare(toolbox, connection)
        if build_signature(connection, toolbox.settings, state.known_at) != state.signature:
            mark_as_mixed(connection)
    progress.say(f"a part of the build as of {state.as_of} (exclusive)")
    yield from build_models(
        context,
        toolbox,
        state,
        step=step,
        selection=selected_nodes(context),
        base=None,
    )


def _prepare(toolbox: Toolbox, connection: Any) -> None:
    """What models read must be there, if only empty."""
    ensure_tables(connection, declared_formats())
    ensure_forecast_tables(connection)
    ensure_value_tables(connection)
    toolbox.warehouse.install_pseudonym_key(connection)
