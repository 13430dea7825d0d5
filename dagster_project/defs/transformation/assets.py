"""The dbt project as assets. Belongs here: which assets exist, and one run of dbt for all of them. Does not
belong here: how dbt is run (`transformation/`), or any rule (`dbt/`)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from dagster_project import progress
from dagster_project.components.dbt_assets import BUILT, BuiltTables, LifecycleTranslator
from dagster_project.components.declared import declared_formats
from dagster_project.ingestion import ensure_tables
from dagster_project.masking import mask
from dagster_project.quality.results import dbt_results, record
from dagster_project.resources import FULL_REFRESH_TAG, Toolbox, asked_known_at, settle_as_of
from dagster_project.settings import load_settings
from dagster_project.transformation.foundation import (
    build_signature,
    find_foundation,
    forget_foundation,
    lay_foundation,
    newest_load,
)
from dagster_project.transformation.project import read_manifest
from dagster_project.transformation.runner import NodeResult

STEP = "build models"
SHOWN = 10
MANIFEST = read_manifest(load_settings())


@dbt_assets(
    manifest=MANIFEST,
    name="dbt_build",
    dagster_dbt_translator=LifecycleTranslator(),
)
def transformation(
    context: dg.AssetExecutionContext, toolbox: dg.ResourceParam[Toolbox]
) -> Iterator[Any]:
    """One `dbt build` of everything; what it did is told afterwards, as dbt has the warehouse to
    itself while it runs."""
    with progress.step(STEP), toolbox.telling():
        as_of = settle_as_of(context, toolbox)
        progress.say(f"as of {as_of} (exclusive)")
        if as_of > datetime.now(UTC).date() + timedelta(days=1):
            progress.say("that is in the future: if a record has a wrong date, set LIFECYCLE_AS_OF")
        with toolbox.warehouse.connect() as connection:
            ensure_tables(connection, declared_formats())
            toolbox.warehouse.install_pseudonym_key(connection)
        total = sum(1 for node in MANIFEST["nodes"].values() if node["resource_type"] in COUNTED)
        finished: list[str] = []

        def on_node(unique_id: str, status: str) -> None:
            finished.append(unique_id)
            progress.advance(STEP, len(finished), total)
            if status not in ("success", "pass"):
                context.log.warning(f"{unique_id}: {status}")

        known_at = asked_known_at(context)
        with toolbox.warehouse.connect() as connection:
            signature = build_signature(connection, toolbox.settings, known_at)
            foundation = (
                None
                if context.run.tags.get(FULL_REFRESH_TAG) == "true"
                else find_foundation(connection, signature, as_of)
            )
            last_load = newest_load(connection)
            forget_foundation(connection)
        progress.say(
            f"only what changed since the build of {foundation.as_of}"
            if foundation
            else "everything: nothing to stand on"
        )
        results = toolbox.dbt.build(
            as_of=as_of, foundation=foundation, known_at=known_at, on_node=on_node
        )
    with progress.step("record models"):
        target = toolbox.settings.dbt_target_folder
        with toolbox.warehouse.connect() as connection:
            outcomes = dbt_results(target / "run_results.json", target / "manifest.json")
            record(connection, context.run_id, outcomes)
        yield from _events(context, toolbox, results)
    failed = [result for result in results if result.status in ("error", "fail", "runtime error")]
    if failed:
        toolbox.fail("\n".join(_sentence(result) for result in failed[:SHOWN]))
    with toolbox.warehouse.connect() as connection:
        lay_foundation(connection, signature, as_of, last_load)


COUNTED = ("model", "seed", "test")


def _events(
    context: dg.AssetExecutionContext, tools: Toolbox, results: list[NodeResult]
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    nodes: dict[str, Any] = {**MANIFEST["nodes"], **MANIFEST["sources"]}
    tables = BuiltTables(tools.warehouse, nodes, results)
    translator = LifecycleTranslator()
    checks = {spec.name: spec for spec in transformation.check_specs}
    for result in results:
        node = nodes[result.unique_id]
        if node["resource_type"] in ("model", "seed") and result.status in BUILT:
            key = translator.get_asset_key(node)
            if key in context.selected_asset_keys:
                yield dg.MaterializeResult(
                    asset_key=key, metadata=tables.metadata(result.unique_id)
                )
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
