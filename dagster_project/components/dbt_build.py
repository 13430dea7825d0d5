"""One part of the dbt project as a step of a run. Belongs here: asking dbt to build it, and telling
Dagster what came of it. Does not belong here: which parts there are (`defs/transformation/`), or
dbt (`transformation/`)."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from dagster_project import progress
from dagster_project.components.dbt_assets import BUILT, BuiltTables
from dagster_project.components.dbt_declared import TRANSLATOR
from dagster_project.masking import mask
from dagster_project.quality.results import dbt_results, record
from dagster_project.resources import ModelsBuild, Toolbox
from dagster_project.transformation.runner import NodeResult

Nodes = Mapping[str, Any]
Event = dg.MaterializeResult[None] | dg.AssetCheckResult
FAILED = ("error", "fail", "runtime error")
SHOWN = 10


def run_part(
    context: dg.AssetExecutionContext,
    tools: Toolbox,
    build: ModelsBuild,
    *,
    step: str,
    part: Sequence[str],
    count: int,
) -> list[NodeResult]:
    """Builds a part and returns how each of its `count` nodes went; shows progress on a terminal."""
    finished: list[str] = []

    def on_node(unique_id: str, status: str) -> None:
        finished.append(unique_id)
        progress.advance(step, len(finished), count)
        if status not in ("success", "pass"):
            context.log.warning(f"{unique_id}: {status}")

    results = tools.dbt.build(
        as_of=build.as_of,
        foundation=build.foundation,
        known_at=build.known_at,
        part=part,
        on_node=on_node,
    )
    # dbt keeps the results of its last command alone, and a night has two.
    target = tools.settings.dbt_target_folder
    shutil.copyfile(target / "run_results.json", target / results_name(step))
    return results


def results_name(step: str) -> str:
    """The file that keeps dbt's results of a step's part, beside those of dbt's last command."""
    return f"run_results.{step.replace(' ', '_')}.json"


def told(
    context: dg.AssetExecutionContext,
    tools: Toolbox,
    results: list[NodeResult],
    nodes: Nodes,
    check_specs: Callable[[], Sequence[dg.AssetCheckSpec]],
) -> Iterator[Event]:
    """Records the results of tests, yields materializations and checks, and fails the step, in words, if a
    model or test did."""
    target = tools.settings.dbt_target_folder
    with progress.step("record models"):
        with tools.warehouse.connect() as connection:
            outcomes = dbt_results(target / "run_results.json", target / "manifest.json")
            record(connection, context.run_id, outcomes)
        yield from _events(context, tools, results, nodes, check_specs())
    failed = [result for result in results if result.status in FAILED]
    if failed:
        tools.fail("\n".join(_sentence(result) for result in failed[:SHOWN]))


def _events(
    context: dg.AssetExecutionContext,
    tools: Toolbox,
    results: list[NodeResult],
    nodes: Nodes,
    check_specs: Sequence[dg.AssetCheckSpec],
) -> Iterator[Event]:
    tables = BuiltTables(tools.warehouse, nodes, results)
    checks = {spec.name: spec for spec in check_specs}
    for result in results:
        node = nodes[result.unique_id]
        if node["resource_type"] in ("model", "seed") and result.status in BUILT:
            key = TRANSLATOR.get_asset_key(node)
            if key in context.selected_asset_keys:
                yield dg.MaterializeResult(
                    asset_key=key, metadata=tables.metadata(result.unique_id)
                )
    tables.keep_lineage()
    for result in results:
        spec = checks.get(nodes[result.unique_id]["name"])
        if spec is not None and spec.key in context.selected_asset_check_keys:
            yield dg.AssetCheckResult(
                asset_key=spec.asset_key,
                check_name=spec.name,
                passed=result.status == "pass",
                severity=(
                    dg.AssetCheckSeverity.WARN
                    if result.status == "warn"
                    else dg.AssetCheckSeverity.ERROR
                ),
                metadata={"failing rows": result.failures, "seconds": result.seconds},
            )


def _sentence(result: NodeResult) -> str:
    kind, _, name = result.unique_id.partition(".")
    name = name.split(".")[1]
    if kind == "test":
        return f"Check failed: dbt test {name}: {result.failures} failing rows"
    return f"dbt {kind} {name} failed: {mask(result.message.strip())}"
