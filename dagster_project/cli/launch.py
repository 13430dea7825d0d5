"""One build from the command line: the same Dagster job as every night, in this process. Belongs here:
preparing the home folder, starting what is slow to start, running the job, and what went wrong in words.
Does not belong here: any step of the build (`defs/`), or how it looks on a terminal (`cli/`)."""

from __future__ import annotations

import json
import os
import warnings
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project import progress
from dagster_project.absent import absent
from dagster_project.collecting import loading
from dagster_project.errors import UserError
from dagster_project.publication.report_types import BuildReport
from dagster_project.quality.gx.client import QualityWorker
from dagster_project.settings import Settings
from dagster_project.transformation.project import ensure_manifest
from dagster_project.transformation.runner import DbtProcess
from dagster_project.warehouse import Warehouse, WriterLock
from dagster_project.warehouse.builds import ensure_table as ensure_builds_table

if TYPE_CHECKING:
    import dagster as dg

JOB = "nightly_build"
INTERRUPTED = "DagsterExecutionInterruptedError"
DAGSTER_YAML = """\
# Written by `lifecycle`; one build writes at a time, and one that hangs is ended after six hours.
telemetry: {enabled: false}
nux: {enabled: false}
run_monitoring: {enabled: true, max_runtime_seconds: 21600}
event_log_storage:
  module: dagster_project.instance.event_log
  class: KeptOpenEventLog
  config: {base_dir: %s}
concurrency:
  runs:
    tag_concurrency_limits:
      - {key: lifecycle/writes, value: warehouse, limit: 1}
"""


def run_build(
    settings: Settings,
    *,
    as_of: date | None = None,
    known_at: date | None = None,
    full_refresh: bool = False,
) -> BuildReport:
    """Runs the nightly build once on the enabled systems, as of a date, with what had been loaded
    before `known_at`. A failed step or check is a report with
    `published` False; UserError is raised when the build could not even start."""
    prepare_home(settings)
    with ExitStack() as stack:
        stack.enter_context(absent("pandas"))  # DuckDB would import it for any bound parameter
        stack.enter_context(WriterLock(settings.lock_path))
        with Warehouse(settings).connect() as connection:
            ensure_builds_table(connection)
        # Each takes seconds to import. Great Expectations is needed first, so it shares two cores with
        # Dagster; dbt has until everything has arrived.
        quality = stack.enter_context(QualityWorker())
        with progress.step("parse models"):
            ensure_manifest(settings)
        dbt = DbtProcess(settings)
        with progress.step("load Dagster"), loading():
            job, toolbox, instance = _load(settings, quality, dbt)
        stack.enter_context(dbt)
        with instance:
            result = job.execute_in_process(
                instance=instance,
                resources={"toolbox": toolbox},
                tags=_tags(as_of, known_at, full_refresh),
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                raise_on_error=False,
            )
        return _report(settings, result)


def prepare_home(settings: Settings) -> None:
    """Makes the home folder and those in it that only its owner may look into: all but `served/`.
    Raises UserError when they cannot be written."""
    try:
        for folder in (settings.dagster_home, settings.dbt_target_folder):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        configuration = settings.dagster_home / "dagster.yaml"
        content = DAGSTER_YAML % json.dumps(str(settings.dagster_home / "history" / "runs"))
        if not configuration.exists() or configuration.read_text() != content:
            configuration.write_text(content)
        if not os.access(settings.home, os.W_OK):
            raise PermissionError(settings.home)
    except OSError as error:
        raise UserError(
            f"The home folder cannot be written ({error.strerror or type(error).__name__}).",
            where=str(settings.home),
            todo="Set LIFECYCLE_HOME to a folder that can be written and has space.",
        ) from None


def _load(
    settings: Settings, quality: QualityWorker, dbt: DbtProcess
) -> tuple[dg.JobDefinition, dg.ResourceDefinition, dg.DagsterInstance]:
    warnings.filterwarnings("ignore", module="dagster")
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    import dagster as dg

    from dagster_project.definitions import defs
    from dagster_project.resources import toolbox_resource

    job = defs().resolve_job_def(JOB)
    toolbox = toolbox_resource(settings, quality=quality, dbt=dbt)
    return job, toolbox, dg.DagsterInstance.from_config(str(settings.dagster_home))


def _tags(as_of: date | None, known_at: date | None, full_refresh: bool) -> dict[str, str]:
    from dagster_project.resources import AS_OF_TAG, FULL_REFRESH_TAG, KNOWN_AT_TAG

    asked = {AS_OF_TAG: as_of, KNOWN_AT_TAG: known_at}
    dates = {tag: day.isoformat() for tag, day in asked.items() if day is not None}
    return {**dates, FULL_REFRESH_TAG: "true"} if full_refresh else dates


def _report(settings: Settings, result: dg.ExecuteInProcessResult) -> BuildReport:
    with Warehouse(settings).connect(read_only=True) as connection:
        row = connection.execute(
            "select as_of, status, failures from meta.builds where build_id = $1", [result.run_id]
        ).fetchone()
    as_of, status, told = row if row is not None else (None, "failed", None)
    failures = told.split("\n\n") if told else []
    if not failures and (status != "published" or not result.success):
        failures = _unexpected(result, settings.dagster_home)
    return BuildReport(
        build_id=result.run_id,
        as_of=as_of,
        published=status == "published",
        served=settings.served_folder,
        failures=failures,
    )


def _unexpected(result: dg.ExecuteInProcessResult, dagster_home: Path) -> list[str]:
    """A step that failed without words for people: its name and kind of error. The message stays in
    Dagster's log, as it may quote values."""
    failures = []
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            kind = (error.cls_name if error else None) or "error"
            if kind == INTERRUPTED:
                raise KeyboardInterrupt
            failures.append(
                f"Step {event.step_key} failed unexpectedly ({kind})."
                f" See run {result.run_id} in `make dev`, or its log under {dagster_home}."
            )
    return failures or [f"The run {result.run_id} failed; see `make dev`."]
