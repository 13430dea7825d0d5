"""The report as an asset. Belongs here: that it follows publication, and what Dagster shows of it. Does not
belong here: how it is made (`report/`)."""

import base64

import dagster as dg

from dagster_project import progress
from dagster_project.components.groups import group
from dagster_project.errors import UserError
from dagster_project.publication.layout import DATABASE
from dagster_project.publication.report_types import PublishedBuild
from dagster_project.publication.served import served_builds
from dagster_project.report import TABLES, files, write_report
from dagster_project.report.sections.diagnostics import Picture
from dagster_project.resources import Toolbox
from dagster_project.transformation.incremental_state import last_build_id

STEP = "report"


@dg.asset(
    name="report",
    key_prefix="publication",
    # Of the last day: without a mapping Dagster would count out every day since 2010 for each table.
    deps=[
        dg.AssetDep(["served", *table.split(".")], partition_mapping=dg.LastPartitionMapping())
        for table in TABLES
    ],
    # Without partitions: a one-off build has none, and Dagster would ask such a run for those of its inputs.
    group_name=group("served"),
    kinds={"html"},
    owners=["team:analytics"],
    description="The published build for people to read: one HTML file, made of the served tables alone.",
)
def report(context: dg.AssetExecutionContext, toolbox: dg.ResourceParam[Toolbox]) -> None:
    """Writes the report of the build that was published last: the current one, or one that is kept beside it.
    What fails here fails the run and leaves the build published."""
    settings = toolbox.settings
    with progress.step(STEP), toolbox.explaining(context):
        build = _last_published(toolbox)
        if build is None:
            raise UserError(
                "No build has been published yet, so there is nothing to report on.",
                where=str(settings.served_folder),
                todo="Run `lifecycle build` or launch the job nightly_build.",
            )
        made, path = write_report(build.folder / DATABASE, settings.reports_folder)
        files.tidy(settings.reports_folder, settings.served_folder)
    shown = {
        picture.title: dg.MetadataValue.md(_markdown(picture)) for picture in made.pictures.values()
    }
    context.add_output_metadata(
        {"path": dg.MetadataValue.path(str(path)), "bytes": path.stat().st_size, **shown}
    )


def _last_published(toolbox: Toolbox) -> PublishedBuild | None:
    """The build that the tables of the warehouse were made by, where it was published; else the current one."""
    with toolbox.warehouse.connect() as connection:
        last = last_build_id(connection)
    builds = served_builds(toolbox.settings.served_folder)
    made = next((each for each in builds if each.build_id == last), None)
    return made or next((each for each in builds if each.is_current), None)


def _markdown(picture: Picture) -> str:
    """The picture itself, as Dagster's page can show it, above its words."""
    drawn = base64.b64encode(picture.svg.encode()).decode()
    return f"![{picture.title}](data:image/svg+xml;base64,{drawn})\n\n{picture.words}"
