"""The served warehouse as assets. Belongs here: which served tables exist and that they are published
together. Does not belong here: how (`publication/`)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from dagster_project import progress
from dagster_project.components.dbt_declared import TRANSLATOR
from dagster_project.defs.publication.partitions import BUILD_DAYS
from dagster_project.errors import CheckFailedError
from dagster_project.publication.code_version import code_version
from dagster_project.publication.publish import publish
from dagster_project.publication.report_types import BuildInfo, Comments
from dagster_project.resources import Toolbox, recorded_as_of
from dagster_project.settings import load_settings
from dagster_project.transformation.project import read_manifest

STEP = "publish"
MANIFEST = read_manifest(load_settings())
MARTS: dict[str, dict[str, Any]] = {
    f"{node['schema']}.{node['alias']}": node
    for node in MANIFEST["nodes"].values()
    if node["resource_type"] == "model" and node["fqn"][1] == "marts"
}
META = ("build_info", "loads", "data_quality_results")


def _served_specs() -> list[dg.AssetSpec]:
    marts = {relation: TRANSLATOR.get_asset_key(node) for relation, node in MARTS.items()}
    served = [
        dg.AssetSpec(
            ["served", *relation.split(".")],
            deps=[key],
            group_name="served",
            kinds={"duckdb", "parquet"},
            owners=["team:analytics"],
            description=f"{relation} as BI tools see it. {MARTS[relation]['description']}",
            metadata={"dagster/table_name": relation},
        )
        for relation, key in marts.items()
    ]
    meta = [
        dg.AssetSpec(
            ["served", "meta", table],
            deps=list(marts.values()),
            group_name="served",
            kinds={"duckdb", "parquet"},
            owners=["team:data"],
            description=f"meta.{table}: about the published build.",
            metadata={"dagster/table_name": f"meta.{table}"},
        )
        for table in META
    ]
    return [*served, *meta]


@dg.multi_asset(
    name="publish",
    specs=_served_specs(),
    partitions_def=BUILD_DAYS,
    backfill_policy=dg.BackfillPolicy.multi_run(),
)
def publication(
    context: dg.AssetExecutionContext, toolbox: dg.ResourceParam[Toolbox]
) -> Iterator[dg.MaterializeResult[None]]:
    """Makes the audited marts visible, all of them in one atomic step."""
    settings = toolbox.settings
    with progress.step(STEP), toolbox.telling():
        build = _audited_build(toolbox, context.run_id)
        published = publish(
            settings.warehouse_path,
            settings.served_folder,
            build=build,
            comments=_comments(),
            keep=settings.keep_builds,
            threads=settings.threads,
            memory_limit=settings.memory_limit,
        )
    toolbox.published.append(build.as_of)
    for relation, rows in published.row_counts.items():
        key = dg.AssetKey(["served", *relation.split(".")])
        if key in publication.keys:
            yield dg.MaterializeResult(asset_key=key, metadata={"dagster/row_count": rows})


def _audited_build(tools: Toolbox, build_id: str) -> BuildInfo:
    """The build, if every check of error severity passed. Dagster has stopped a build with a failed
    blocking check before this; the ledger of checks is asked once more, as readers rely on it."""
    with tools.warehouse.connect(read_only=True) as connection:
        failed = connection.execute(
            "select suite || '.' || check_name || ' on ' || relation || ': ' || observed"
            " from meta.data_quality_results"
            " where build_id = $1 and not passed and severity = 'error' order by 1",
            [build_id],
        ).fetchall()
        row = connection.execute(
            "select started_at from meta.builds where build_id = $1", [build_id]
        ).fetchone()
        guarded = connection.execute(
            "select count(*) filter (suite = 'dbt') > 0 and count(*) filter (suite = 'core_customers') > 0"
            " from meta.data_quality_results where build_id = $1",
            [build_id],
        ).fetchone()
    as_of = recorded_as_of(tools, build_id)
    if guarded != (True,):
        raise CheckFailedError(
            "This build has not been checked.",
            where=f"run {build_id}",
            todo="Launch the whole job nightly_build, not a part of it.",
        )
    if failed:
        raise CheckFailedError(
            "A check failed: " + "; ".join(text for (text,) in failed),
            where=str(tools.warehouse.path),
            todo="Correct the data or the rule, then build again. The served build is as it was.",
        )
    assert row is not None
    return BuildInfo(
        build_id=build_id,
        as_of=as_of,
        started_at=row[0],
        built_at=datetime.now(UTC).replace(tzinfo=None),
        code_version=code_version(),
        systems=tools.settings.systems,
    )


def _comments() -> Comments:
    return {
        relation: (
            node["description"],
            {name: column["description"] for name, column in node["columns"].items()},
        )
        for relation, node in MARTS.items()
    }
