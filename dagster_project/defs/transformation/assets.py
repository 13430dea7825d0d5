"""The dbt project as assets, in two halves: what forecasts are made from, and what is made from
forecasts. Does not belong here: how dbt is run (`transformation/`), or any rule (`dbt/`)."""

import importlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from dagster_project import progress
from dagster_project.components.dbt_build import judge_part, run_part
from dagster_project.components.dbt_declared import dbt_part
from dagster_project.components.declared import declared_formats
from dagster_project.ingestion import ensure_tables
from dagster_project.lifetime_value.tables import ensure_tables as ensure_forecast_tables
from dagster_project.resources import (
    FULL_REFRESH_TAG,
    ModelsBuild,
    Toolbox,
    asked_known_at,
    settle_as_of,
)
from dagster_project.settings import load_settings
from dagster_project.transformation.incremental_state import (
    build_signature,
    delete_incremental_state,
    find_incremental_state,
    newest_load,
    record_incremental_state,
)
from dagster_project.transformation.lineage import known_columns
from dagster_project.transformation.parts import ON_FORECAST, counted_nodes
from dagster_project.transformation.project import read_manifest

STEP, STEP_ON_FORECAST = "build models", "build value"
MANIFEST = read_manifest(load_settings())
NODES: dict[str, Any] = {**MANIFEST["nodes"], **MANIFEST["sources"]}
BEFORE_FORECAST = counted_nodes(MANIFEST, on_forecast=False)
AFTER_FORECAST = counted_nodes(MANIFEST, on_forecast=True)


@dbt_part(name="dbt_build", manifest=MANIFEST, nodes=BEFORE_FORECAST)
def transformation(
    context: dg.AssetExecutionContext, toolbox: dg.ResourceParam[Toolbox]
) -> Iterator[Any]:
    """`dbt build` of all that needs no forecast."""
    with progress.step(STEP), toolbox.telling():
        build = _begin(context, toolbox)
        toolbox.models = build
        threading.Thread(target=_load_forecasting, daemon=True).start()
        results = yield from run_part(
            context,
            toolbox,
            build,
            step=STEP,
            part=("--exclude", ON_FORECAST),
            count=len(BEFORE_FORECAST),
            nodes=NODES,
            check_specs=list(transformation.check_specs),
        )
    with toolbox.warehouse.connect() as connection:
        judge_part(context, toolbox, connection, results, step=STEP)


@dbt_part(name="dbt_build_value", manifest=MANIFEST, nodes=AFTER_FORECAST)
def transformation_on_forecast(
    context: dg.AssetExecutionContext, toolbox: dg.ResourceParam[Toolbox]
) -> Iterator[Any]:
    """`dbt build` of all that reads forecasts. With it every model of the build is there."""
    with progress.step(STEP_ON_FORECAST), toolbox.telling():
        build = toolbox.models_begun()
        results = yield from run_part(
            context,
            toolbox,
            build,
            step=STEP_ON_FORECAST,
            part=("--select", ON_FORECAST),
            count=len(AFTER_FORECAST),
            nodes=NODES,
            check_specs=list(transformation_on_forecast.check_specs),
        )
    with toolbox.warehouse.connect() as connection:
        judge_part(context, toolbox, connection, results, step=STEP_ON_FORECAST)
        record_incremental_state(connection, build.signature, build.as_of, build.last_load)


def _load_forecasting() -> None:
    """What follows dbt takes a second to import, in which this process waits for dbt anyway."""
    importlib.import_module("dagster_project.lifetime_value.fit")


def _begin(context: dg.AssetExecutionContext, toolbox: Toolbox) -> ModelsBuild:
    known_at = asked_known_at(context)
    with toolbox.warehouse.connect() as connection:
        as_of = settle_as_of(context, toolbox.settings, connection)
        progress.say(f"as of {as_of} (exclusive)")
        if as_of > datetime.now(UTC).date() + timedelta(days=1):
            progress.say("that is in the future: if a record has a wrong date, set LIFECYCLE_AS_OF")
        ensure_tables(connection, declared_formats())
        ensure_forecast_tables(connection)
        toolbox.warehouse.install_pseudonym_key(connection)
        signature = build_signature(connection, toolbox.settings, known_at)
        foundation = (
            None
            if context.run.tags.get(FULL_REFRESH_TAG) == "true"
            else find_incremental_state(connection, signature, as_of)
        )
        last_load = newest_load(connection)
        delete_incremental_state(connection)
        columns = known_columns(connection)
    progress.say(
        f"computing what changed since the build of {foundation.as_of}"
        if foundation
        else "computing everything: there is no earlier build to stand on"
    )
    return ModelsBuild(as_of, known_at, signature, foundation, last_load, columns)
