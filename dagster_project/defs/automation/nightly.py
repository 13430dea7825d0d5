"""When a build runs. Belongs here: the job, its schedule, and the sensor on the landing folder. Does not
belong here: what it does."""

import dagster as dg

from dagster_project.defs.publication.partitions import BUILD_DAYS
from dagster_project.ingestion.landing import settled_fingerprint
from dagster_project.settings import load_settings
from dagster_project.transformation.as_of import ONE_DAY, today

SETTINGS = load_settings()


nightly_build = dg.define_asset_job(
    "nightly_build",
    selection=dg.AssetSelection.all(),
    partitions_def=BUILD_DAYS,
    description="Ingest, check, build, check, publish: a day's build, whole or not at all.",
    tags={"dagster/max_runtime": "21600"},
)


@dg.schedule(
    name="nightly",
    job=nightly_build,
    cron_schedule="0 2 * * *",
    execution_timezone=SETTINGS.timezone,
    description="Daily at 02:00: the build of the last day that is over in the reporting time zone.",
)
def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """One run a day; the next one makes up for a missed one, as it takes in all that was delivered."""
    return dg.RunRequest(partition_key=_last_day_over(context))


def _last_day_over(context: dg.ScheduleEvaluationContext) -> str:
    today_there = today(SETTINGS.reporting_timezone, context.scheduled_execution_time)
    return (today_there - ONE_DAY).isoformat()


@dg.sensor(
    name="landing_folder",
    job=nightly_build,
    minimum_interval_seconds=60,
    description="Builds when new files have arrived and have not changed for a minute.",
)
def landing_folder(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Asks for a build of the last day that is over whenever the delivered files differ from
    those that the last request was for."""
    folders = [SETTINGS.landing_folder(system) for system in SETTINGS.systems]
    found = settled_fingerprint(folders)
    if found is None:
        return dg.SkipReason("Nothing has been delivered, or a file is still being written.")
    if found == context.cursor:
        return dg.SkipReason("No file has changed since the last request.")
    day = BUILD_DAYS.get_last_partition_key()
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=f"{day}-{found}", partition_key=day)], cursor=found
    )
