"""One part of the dbt project as a step of a run. Belongs here: asking dbt to build it, and telling
Dagster what comes of it. Does not belong here: which parts there are (`defs/transformation/`), or
dbt (`transformation/`)."""

import shutil
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb

from dagster_project import progress
from dagster_project.components.dbt_assets import BuiltTables
from dagster_project.components.dbt_declared import TRANSLATOR
from dagster_project.quality.results import dbt_results, record
from dagster_project.resources import ModelsBuild, Toolbox
from dagster_project.transformation.results import MAKING, NodeResult
from dagster_project.warehouse.masking import mask

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
    nodes: Nodes,
    check_specs: Sequence[dg.AssetCheckSpec],
) -> Generator[Event, None, list[NodeResult]]:
    """Builds a part of `count` nodes and yields a materialization or check as each is done, so that Dagster
    records them while dbt goes on. Returns how each node went; shows progress on a terminal."""
    checks = {spec.name: spec for spec in check_specs}
    tables = BuiltTables(tools.settings, nodes, build.columns)
    results: list[NodeResult] = []
    for result in tools.dbt.build(
        as_of=build.as_of, foundation=build.foundation, known_at=build.known_at, part=part
    ):
        results.append(result)
        progress.advance(step, len(results), count)
        if not result.is_ok:
            context.log.warning(f"{result.unique_id}: {result.status}")
        event = _event(context, tables, checks, nodes[result.unique_id], result)
        if event is not None:
            yield event
    tables.keep_lineage()
    return results


def judge_part(
    context: dg.AssetExecutionContext,
    tools: Toolbox,
    connection: duckdb.DuckDBPyConnection,
    results: list[NodeResult],
    *,
    step: str,
) -> None:
    """Keeps the results of a part's tests, and fails the step, in words, if a model or test failed."""
    with progress.step("record tests"):
        target = tools.settings.dbt_target_folder
        outcomes = dbt_results(target / "run_results.json", target / "manifest.json")
        record(connection, context.run_id, outcomes)
        # dbt keeps the results of its last command alone, and a night has two.
        shutil.copyfile(target / "run_results.json", target / results_name(step))
    failed = [result for result in results if result.status in FAILED]
    if failed:
        tools.fail("\n".join(_sentence(result) for result in failed[:SHOWN]))


def results_name(step: str) -> str:
    """The file that keeps dbt's results of a step's part, beside those of dbt's last command."""
    return f"run_results.{step.replace(' ', '_')}.json"


def _event(
    context: dg.AssetExecutionContext,
    tables: BuiltTables,
    checks: Mapping[str, dg.AssetCheckSpec],
    node: Mapping[str, Any],
    result: NodeResult,
) -> Event | None:
    """None for a failed model, which is no table, and for a test of several models, no check of Dagster's."""
    if node["resource_type"] in MAKING:
        key = TRANSLATOR.get_asset_key(node)
        if result.status != "success" or key not in context.selected_asset_keys:
            return None
        return dg.MaterializeResult(asset_key=key, metadata=tables.metadata(result))
    spec = checks.get(node["name"])
    if spec is None or spec.key not in context.selected_asset_check_keys:
        return None
    is_warning = result.status == "warn"
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=result.status == "pass",
        severity=dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
        metadata={"failing rows": result.failures, "seconds": result.seconds},
    )


def _sentence(result: NodeResult) -> str:
    kind, _, name = result.unique_id.partition(".")
    name = name.split(".")[1]
    if kind == "test":
        return f"Check failed: dbt test {name}: {result.failures} failing rows"
    return f"dbt {kind} {name} failed: {mask(result.message.strip())}"
