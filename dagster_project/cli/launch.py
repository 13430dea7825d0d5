"""One build from the command line: the job of the nightly run, in this process. Belongs here:
running the job, and what went wrong in words. Does not belong here: any step of the build (`defs/`), or how it
looks on a terminal (`cli/terminal.py`)."""

from __future__ import annotations

import gc
import warnings
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project import progress
from dagster_project.instance.home import prepare_home
from dagster_project.publication.layout import date_link
from dagster_project.publication.report_types import BuildReport
from dagster_project.settings import Settings
from dagster_project.transformation.as_of import AsOf
from dagster_project.warehouse import Warehouse, WriterLock
from dagster_project.warehouse.builds import ensure_table as ensure_builds_table

if TYPE_CHECKING:
    import dagster as dg

JOB = "nightly_build"
# Imports and manifests make millions of objects that last; looking them through every 700 takes a tenth of
# a small build.
OBJECTS_BETWEEN_COLLECTIONS = 200_000
INTERRUPTED = "DagsterExecutionInterruptedError"


def run_build(
    settings: Settings,
    *,
    as_of: AsOf | None = None,
    known_at: date | None = None,
    full_refresh: bool = False,
    make_current: bool = False,
) -> BuildReport:
    """Runs the nightly build once on the enabled systems, as of a date, with what had been loaded
    before `known_at`; `make_current` publishes it as the current build whatever its date. A failed step or
    check is a report with `published` False; UserError is raised when the build could not even start."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    prepare_home(settings)
    with WriterLock(settings.lock_path):
        with Warehouse(settings).connect() as connection:
            ensure_builds_table(connection)
        with progress.step("parse models"):
            _parse(settings)
        with progress.step("load Dagster"):
            job, instance = _load(settings)
        with instance:
            result = job.execute_in_process(
                instance=instance,
                tags=_tags(as_of, known_at, full_refresh, make_current),
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                raise_on_error=False,
            )
        return _report(settings, result)


def _parse(settings: Settings) -> None:
    from dagster_project.transformation.manifest import ensure_manifest

    ensure_manifest(settings)


def _load(settings: Settings) -> tuple[dg.JobDefinition, dg.DagsterInstance]:
    warnings.filterwarnings("ignore", module="dagster")
    import dagster as dg

    from dagster_project.definitions import defs

    job = defs().resolve_job_def(JOB)
    return job, dg.DagsterInstance.from_config(str(settings.dagster_home))


def _tags(
    as_of: AsOf | None, known_at: date | None, full_refresh: bool, make_current: bool
) -> dict[str, str]:
    from dagster_project.resources import (
        AS_OF_TAG,
        FULL_REFRESH_TAG,
        KNOWN_AT_TAG,
        MAKE_CURRENT_TAG,
    )

    asked = {AS_OF_TAG: as_of, KNOWN_AT_TAG: known_at}
    dates = {tag: str(day) for tag, day in asked.items() if day is not None}
    wishes = {FULL_REFRESH_TAG: full_refresh, MAKE_CURRENT_TAG: make_current}
    return {**dates, **{tag: "true" for tag, is_wished in wishes.items() if is_wished}}


def _report(settings: Settings, result: dg.ExecuteInProcessResult) -> BuildReport:
    with Warehouse(settings).connect(read_only=True) as connection:
        row = connection.execute(
            "select as_of, status, failures from meta.builds where build_id = $1", [result.run_id]
        ).fetchone()
    as_of, status, recorded = row if row is not None else (None, "failed", None)
    failures = recorded.split("\n\n") if recorded else []
    is_published = status in ("published", "beside")
    if not failures and not (is_published and result.success):
        failures = _unexpected(result, settings.dagster_home)
    return BuildReport(
        build_id=result.run_id,
        as_of=as_of,
        published=is_published,
        served=settings.served_folder,
        beside=date_link(settings.served_folder, as_of) if as_of and status == "beside" else None,
        failures=failures,
    )


def _unexpected(result: dg.ExecuteInProcessResult, dagster_home: Path) -> list[str]:
    """A step that failed without words for people: its name and kind of error. The message is only in
    Dagster's log, as it may quote values."""
    import dagster as dg

    failures = []
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.PIPELINE_CANCELED:
            raise KeyboardInterrupt
        if event.is_step_failure:
            data = event.step_failure_data
            kind = (data.error.cls_name if data.error else None) or "error"
            if kind == INTERRUPTED:
                raise KeyboardInterrupt
            words = data.user_failure_data.description if data.user_failure_data else None
            failures.append(
                words
                or f"Step {event.step_key} failed unexpectedly ({kind})."
                f" See run {result.run_id} in `make dev`, or its log under {dagster_home}."
            )
    return failures or [f"The run {result.run_id} failed; see `make dev`."]
