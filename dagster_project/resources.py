"""What assets are handed: the settings and the warehouse with its writer's lock. Belongs here: the one
resource, and what a run was asked for. Does not belong here: any asset."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NoReturn

import dagster as dg
import duckdb

from dagster_project import progress
from dagster_project.errors import SettingError, UserError
from dagster_project.settings import Settings
from dagster_project.transformation.as_of import ONE_DAY, AsOf, read_as_of
from dagster_project.warehouse import Warehouse, WriterLock
from dagster_project.warehouse.builds import fail_if_running, record_failure, start_build
from dagster_project.warehouse.trouble import explained_error

AS_OF_TAG = "lifecycle/as_of"
FULL_REFRESH_TAG = "lifecycle/full_refresh"
KNOWN_AT_TAG = "lifecycle/known_at"
MAKE_CURRENT_TAG = "lifecycle/make_current"
BUILDS_WAIT_SECONDS = 3600.0
RETRIES, RETRY_SECONDS = 2, 10.0
LASTING = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR)
Context = dg.AssetExecutionContext | dg.AssetCheckExecutionContext


@dataclass(frozen=True)
class Toolbox:
    """What every step of a run works with. It holds no state: that is in the warehouse."""

    settings: Settings
    warehouse: Warehouse

    @contextmanager
    def explaining(self, context: Context) -> Iterator[None]:
        """What a person must act on becomes a failed step with those words: no stack trace, and no
        retry, which would only hide it. A disk or network that fails may do better next time: the
        step is run again, as everything it does is a transaction."""
        try:
            yield
        except UserError as error:
            self.fail(context, str(error))
        except (OSError, duckdb.Error) as error:
            explained = explained_error(error, "build", self.settings.home)
            if explained is None:
                raise
            is_lasting = isinstance(error, OSError) and error.errno in LASTING
            if is_lasting or context.op_execution_context.retry_number >= RETRIES:
                self.fail(context, str(explained))
            raise dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=RETRY_SECONDS) from error

    def fail(self, context: Context, text: str) -> NoReturn:
        """Ends the step, for good, with words for people; `meta.builds` keeps them when the run is a build."""
        # Where even that cannot be written, Dagster's event of the failed step holds the words.
        with suppress(UserError, duckdb.Error), self.warehouse.connect() as connection:
            record_failure(connection, context.op_execution_context.run_id, text)
        raise dg.Failure(text, allow_retries=False)


def toolbox_resource(settings: Settings) -> dg.ResourceDefinition:
    """The toolbox as a Dagster resource: one per run, as the executor is in-process. Every run holds the
    writer's lock, and waits for another that does. One that is a build is recorded in `meta.builds`."""

    @dg.resource(description="The settings, and the warehouse, which one run at a time writes.")
    @contextmanager
    def toolbox(context: dg.InitResourceContext) -> Iterator[Toolbox]:
        assert context.run is not None, "the toolbox is for runs"
        lock = WriterLock(
            settings.lock_path, wait_seconds=BUILDS_WAIT_SECONDS, on_wait=progress.say
        )
        with lock:
            tools = Toolbox(settings, Warehouse(settings))
            if is_build(context.run):
                with tools.warehouse.connect() as connection:
                    died = start_build(
                        connection, context.run.run_id, started_at=_now(), systems=settings.systems
                    )
                _end_runs(context.instance, died)
            try:
                yield tools
            finally:
                with tools.warehouse.connect() as connection:
                    fail_if_running(connection, context.run.run_id, finished_at=_now())
                    # A run leaves one file, without a log beside it.
                    connection.execute("checkpoint")

    return toolbox


def _end_runs(instance: dg.DagsterInstance | None, run_ids: Sequence[str]) -> None:
    """Ends runs whose process died, for Dagster too: else its queue would wait for them."""
    for run_id in run_ids:
        run = instance.get_run_by_id(run_id) if instance is not None else None
        if instance is not None and run is not None and not run.is_finished:
            instance.report_run_failed(run, "Its process ended without a word.")


def is_build(run: dg.DagsterRun) -> bool:
    """Whether a run is to take in what was delivered and to publish: a job as a whole. One of some assets,
    or of the steps that failed before, is none."""
    if run.parent_run_id is not None and run.step_keys_to_execute is not None:
        return False
    if not run.asset_selection:  # all that the job has
        return True
    return {"ingest", "served"} <= {key.path[0] for key in run.asset_selection}


def requested_as_of(context: Context, settings: Settings) -> AsOf | None:
    """The build's logical end, or the word for it: what the run was asked for (`lifecycle build --as-of`, else
    `--known-at`), else the setting, else the end of the run's partition. None: the newest record decides."""
    partition = _partition_date(context)
    asked = context.run.tags.get(AS_OF_TAG)
    return (
        (read_as_of(asked) if asked else None)
        or requested_known_at(context)
        or settings.as_of
        or (partition and partition + ONE_DAY)
    )


def requested_known_at(context: Context) -> date | None:
    """The date whose knowledge the run was asked for (`lifecycle build --known-at`), if any."""
    text = context.run.tags.get(KNOWN_AT_TAG)
    return date.fromisoformat(text) if text else None


def is_to_become_current(context: Context) -> bool:
    """Whether the run was asked to make its build the current one whatever its date
    (`lifecycle build --make-current`)."""
    return context.run.tags.get(MAKE_CURRENT_TAG) == "true"


def _partition_date(context: Context) -> date | None:
    """The day of the run's partition, if it has one."""
    key = context.run.tags.get("dagster/partition")
    if not key:
        return None
    try:
        return date.fromisoformat(key)
    except ValueError:
        raise SettingError(
            "The run's partition is no single day.",
            where="the run's tag dagster/partition",
            todo="Launch one run per day.",
        ) from None


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
