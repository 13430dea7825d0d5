"""The served warehouse as assets. Belongs here: which served tables exist and that they are published
together. Does not belong here: how (`publication/`)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from dagster_project import progress
from dagster_project.components.dbt_project import MANIFEST, TRANSLATOR
from dagster_project.components.groups import group
from dagster_project.defs.publication.partitions import BUILD_DAYS
from dagster_project.errors import CheckFailedError
from dagster_project.publication.code_version import code_version
from dagster_project.publication.layout import DATABASE
from dagster_project.publication.preview import previews
from dagster_project.publication.publish import publish
from dagster_project.publication.report_types import BuildInfo, Comments
from dagster_project.resources import Toolbox, is_to_become_current
from dagster_project.transformation.as_of import latest_as_of
from dagster_project.transformation.incremental_state import complete_state
from dagster_project.warehouse.builds import record_published

STEP = "publish"
MARTS: dict[str, dict[str, Any]] = {
    f"{node['schema']}.{node['alias']}": node
    for node in MANIFEST["nodes"].values()
    if node["resource_type"] == "model" and node["fqn"][1] == "marts"
}
META = ("build_info", "loads", "data_quality_results")
# What failed, whether both kinds of checks ran, and when the build began.
AUDIT = """
    with results as (
        select *, suite || '.' || check_name || ' on ' || relation || ': ' || observed as sentence
        from meta.data_quality_results
        where build_id = $1
    )
    select
        coalesce(
            list(sentence order by sentence) filter (not passed and severity = 'error'), []
        ) as failed,
        count(*) filter (suite = 'dbt') > 0
        and count(*) filter (suite = 'core_customers') > 0 as is_guarded,
        coalesce((select started_at from meta.builds where build_id = $1), $2) as started_at
    from results
"""


def _served_specs() -> list[dg.AssetSpec]:
    marts = {relation: TRANSLATOR.get_asset_key(node) for relation, node in MARTS.items()}
    served = [
        dg.AssetSpec(
            ["served", *relation.split(".")],
            deps=[key],
            group_name=group("served"),
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
            group_name=group("served"),
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
    can_subset=True,  # whichever are asked for: they become visible together, or none does
)
def publication(
    context: dg.AssetExecutionContext, toolbox: dg.ResourceParam[Toolbox]
) -> Iterator[dg.MaterializeResult[None]]:
    """Makes the audited marts visible, all of them in one atomic step: those of the build that this run
    made, or of the last one when the run made none. A build of an earlier day than the current one, such as one
    of a backfill, or of a day that has not come is kept beside it (docs/decisions/0042)."""
    settings = toolbox.settings
    with progress.step(STEP), toolbox.explaining(context):
        build = _audited_build(toolbox)
        published = publish(
            settings.warehouse_path,
            settings.served_folder,
            build=build,
            comments=_comments(),
            keep=settings.keep_builds,
            latest=latest_as_of(settings.reporting_timezone),
            make_current=is_to_become_current(context),
            threads=settings.threads,
            memory_limit=settings.memory_limit,
        )
        with toolbox.warehouse.connect() as connection:
            record_published(
                connection,
                build.build_id,
                finished_at=build.built_at,
                is_current=published.is_current,
            )
    shown = previews(published.folder / DATABASE, list(published.row_counts))
    for relation, rows in published.row_counts.items():
        key = dg.AssetKey(["served", *relation.split(".")])
        if key in context.selected_asset_keys:
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={
                    "dagster/row_count": rows,
                    "first rows": dg.MetadataValue.md(shown[relation]),
                },
            )


def _audited_build(toolbox: Toolbox) -> BuildInfo:
    """The build that the tables were made by, if every check of error severity passed. Dagster has stopped a
    run with a failed blocking check before this; the record of checks is asked once more, as readers rely on
    it."""
    with toolbox.warehouse.connect() as connection:
        state = complete_state(connection)
        now = datetime.now(UTC).replace(tzinfo=None)
        failed, is_guarded, started_at = connection.execute(
            AUDIT, [state.build_id, now]
        ).fetchall()[0]
    where = f"build {state.build_id}, as of {state.as_of}"
    if state.signature is None:
        raise CheckFailedError(
            "Some tables were made by other models or settings than the rest.",
            where=where,
            todo="Run `lifecycle build` or launch the job nightly_build. The served build is as it was.",
        )
    if not is_guarded:
        raise CheckFailedError(
            "This build has not been checked.",
            where=where,
            todo="Launch the job nightly_build, or materialize the models with their checks.",
        )
    if failed:
        raise CheckFailedError(
            "A check failed: " + "; ".join(failed),
            where=str(toolbox.warehouse.path),
            todo="Correct the data or the rule, then build again. The served build is as it was.",
        )
    return BuildInfo(
        build_id=state.build_id,
        as_of=state.as_of,
        started_at=started_at,
        built_at=now,
        code_version=code_version(),
        systems=toolbox.settings.systems,
        reporting_timezone=toolbox.settings.reporting_timezone,
    )


def _comments() -> Comments:
    return {
        relation: (
            node["description"],
            {name: column["description"] for name, column in node["columns"].items()},
        )
        for relation, node in MARTS.items()
    }
