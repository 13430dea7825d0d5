"""dbt's models as a step of a run. Belongs here: which of them a run asks for, Dagster's events of them, and
failing the step in words. Does not belong here: which assets there are (`defs/transformation/`), or calling dbt
(`transformation/`)."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from dagster_project import progress
from dagster_project.components.dbt_project import MANIFEST, TRANSLATOR
from dagster_project.components.dbt_tables import BuiltTables
from dagster_project.quality.results import record
from dagster_project.resources import Toolbox
from dagster_project.transformation.check_results import check_results
from dagster_project.transformation.incremental_state import (
    Base,
    IncrementalState,
    build_environment,
)
from dagster_project.transformation.lineage import known_columns
from dagster_project.transformation.manifest import parsed_manifest
from dagster_project.transformation.project import build_arguments
from dagster_project.transformation.runner import NodeResult, build
from dagster_project.warehouse.masking import mask

SHOWN = 10


def is_whole(context: dg.AssetExecutionContext, definition: dg.AssetsDefinition) -> bool:
    """Whether a run asks for all models of a definition, with all their tests."""
    checks = {spec.key for spec in definition.check_specs}
    return set(context.selected_asset_keys) >= set(definition.keys) and checks <= set(
        context.selected_asset_check_keys
    )


def selected_nodes(context: dg.AssetExecutionContext) -> tuple[str, ...]:
    """dbt's options for just the models, seeds and tests that a run asks for."""
    checks = {key.name for key in context.selected_asset_check_keys}
    names = sorted(
        node["name"]
        for node in MANIFEST["nodes"].values()
        if (
            node["name"] in checks
            if node["resource_type"] == "test"
            else node["resource_type"] in ("model", "seed")
            and TRANSLATOR.get_asset_key(node) in context.selected_asset_keys
        )
    )
    return ("--select", *names, "--indirect-selection", "empty")


def build_models(
    context: dg.AssetExecutionContext,
    toolbox: Toolbox,
    state: IncrementalState,
    *,
    step: str,
    selection: Sequence[str],
    base: Base | None,
) -> Generator[Any, None, None]:
    """Runs `dbt build` on what is selected, as of the state's dates and from the deliveries that it knows, and
    yields dagster-dbt's events while dbt goes on. Without a base everything is computed. Records the results of
    the tests as those of the state's build, and fails the step when a model or test failed."""
    settings = toolbox.settings
    with toolbox.warehouse.connect(read_only=True) as connection:
        tables = BuiltTables(settings, known_columns(connection))
    nodes = build(
        settings,
        build_arguments(settings, is_incremental=base is not None, selection=selection),
        manifest=parsed_manifest(settings),
        environment=build_environment(
            state.as_of, base=base, known_at=state.known_at, last_load=state.last_load
        ),
        artifact=settings.dbt_target_folder / f"run_results.{step.replace(' ', '_')}.json",
    )
    results = yield from _events(context, nodes, tables, step)
    tables.keep_lineage()
    with progress.step("record tests"), toolbox.warehouse.connect() as connection:
        checks = check_results(results, MANIFEST, connection)
        record(connection, state.build_id, checks)
    observed = {check.check_name: check.observed for check in checks}
    failed = [result for result in results if result.has_failed]
    if failed:
        toolbox.fail(context, "\n".join(_sentence(result, observed) for result in failed[:SHOWN]))


def _events(
    context: dg.AssetExecutionContext,
    nodes: Generator[Any, None, list[NodeResult]],
    tables: BuiltTables,
    step: str,
) -> Generator[Any, None, list[NodeResult]]:
    """dagster-dbt's events of dbt's, with the rows and columns of what was made."""
    shown = context.op_execution_context.selected_output_names
    with contextlib.closing(nodes):  # an interrupted run stops dbt at once
        while True:
            try:
                node = next(nodes)
            except StopIteration as end:
                results: list[NodeResult] = end.value
                return results
            data = node.raw["data"]
            progress.advance(step, data["index"], data.get("total") or data["num_models"])
            message = DbtCoreCliEventMessage(raw_event=node.raw, event_history_metadata={})
            for event in message.to_default_asset_events(
                manifest=MANIFEST, dagster_dbt_translator=TRANSLATOR, context=context
            ):
                if isinstance(event, dg.AssetCheckResult):
                    yield event
                elif isinstance(event, dg.Output) and event.output_name in shown:
                    more = tables.metadata(data["node_info"]["unique_id"], node.table)
                    yield event.with_metadata({**event.metadata, **more})


def _sentence(result: NodeResult, observed: Mapping[str, str]) -> str:
    kind, _, name = result.unique_id.partition(".")
    name = name.split(".")[1]
    if kind == "test":
        return f"Check failed: dbt test {name}: {observed[name]}"
    return f"dbt {kind} {name} failed: {mask(result.message.strip())}"
