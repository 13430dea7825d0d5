"""What assets are handed: the warehouse with its writer's lock, and the processes of Great
Expectations and dbt, started when a run starts so that their imports overlap ingestion. Does not belong
here: any asset."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NoReturn

import dagster as dg
import duckdb

from dagster_project.errors import SettingError, UserError
from dagster_project.ingestion import newest_record_date
from dagster_project.quality.gx.client import QualityWorker
from dagster_project.settings import Settings
from dagster_project.transformation.as_of import resolve_as_of
from dagster_project.transformation.incremental_state import Foundation
from dagster_project.transformation.runner import DbtProcess
from dagster_project.warehouse import Warehouse, WriterLock
from dagster_project.warehouse.builds import finish_build, start_build
from dagster_project.warehouse.trouble import explained_error

AS_OF_TAG = "lifecycle/as_of"
FULL_REFRESH_TAG = "lifecycle/full_refresh"
KNOWN_AT_TAG = "lifecycle/known_at"
BUILDS_WAIT_SECONDS = 3600.0
RETRIES, RETRY_SECONDS = 2, 10.0
LASTING = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR)


@dataclass(frozen=True)
class ModelsBuild:
    """What both halves of the models, and the forecast between them, are built with. `columns` are those of
    every relation so far, by `schema.table`: each half adds what it builds."""

    as_of: date
    known_at: date | None
    signature: str
    foundation: Foundation | None
    last_load: int
    columns: dict[str, list[str]]


@dataclass
class Toolbox:
    """Everything a run needs, for as long as it runs. `failures` gathers what went wrong, in
    sentences for people; `meta.builds` keeps them."""

    settings: Settings
    warehouse: Warehouse
    quality: QualityWorker
    dbt: DbtProcess
    failures: list[str] = field(default_factory=list)
    published: list[date] = field(default_factory=list)
    attempts: int = 0
    models: ModelsBuild | None = None

    @contextmanager
    def telling(self) -> Iterator[None]:
        """What a person must act on becomes a failed step with those words: no stack trace, and no
        retry, which would only hide it. A disk or network that fails may do better next time: the
        step is tried again, as everything it does is a transaction."""
        try:
            yield
        except UserError as error:
            self.fail(str(error))
        except (OSError, duckdb.Error) as error:
            told = explained_error(error, "build", self.settings.home)
            if told is None:
                raise
            if (isinstance(error, OSError) and error.errno in LASTING) or self.attempts >= RETRIES:
                self.fail(str(told))
            self.attempts += 1
            raise dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=RETRY_SECONDS) from error

    def models_begun(self) -> ModelsBuild:
        """What the first half of the models was built with in this run. Raises UserError when it was
        not built in this run."""
        if self.models is None:
            raise UserError(
                "This run has built no models, so there is nothing to go on from.",
                where="the asset dbt_build",
                todo="Launch the whole job nightly_build, not a part of it.",
            )
        return self.models

    def fail(self, text: str) -> NoReturn:
        """Ends the step, for good, with words for people."""
        self.failures.append(text)
        raise dg.Failure(text, allow_retries=False)


def toolbox_resource(
    settings: Settings, *, quality: QualityWorker | None = None, dbt: DbtProcess | None = None
) -> dg.ResourceDefinition:
    """The toolbox as a Dagster resource: one per run, as the executor is in-process. A run is a build:
    it is recorded in `meta.builds` when it starts and when it ends, however it ends. Processes that
    the caller has started already are used, and left to the caller."""

    @dg.resource(description="The warehouse, and the processes of Great Expectations and dbt.")
    @contextmanager
    def toolbox(context: dg.InitResourceContext) -> Iterator[Toolbox]:
        assert context.run is not None, "the toolbox is for runs"
        build_id = context.run.run_id
        with ExitStack() as stack:
            lock = WriterLock(settings.lock_path, wait_seconds=BUILDS_WAIT_SECONDS)
            stack.enter_context(lock)
            tools = Toolbox(
                settings,
                Warehouse(settings),
                quality or stack.enter_context(QualityWorker()),
                dbt or stack.enter_context(DbtProcess(settings)),
            )
            with tools.warehouse.connect() as connection:
                started_at = datetime.now(UTC).replace(tzinfo=None)
                start_build(connection, build_id, started_at=started_at, systems=settings.systems)
            try:
                yield tools
            finally:
                _finish(tools, build_id)

    return toolbox


def _finish(tools: Toolbox, build_id: str) -> None:
    tools.dbt.stop()
    with tools.warehouse.connect() as connection:
        finish_build(
            connection,
            build_id,
            "published" if tools.published else "failed",
            finished_at=datetime.now(UTC).replace(tzinfo=None),
            as_of=tools.published[0] if tools.published else None,
            failures=tools.failures,
        )
        connection.execute("checkpoint")  # a build leaves one file, without a log beside it


def asked_as_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> date | None:
    """The date that the run was asked for (`lifecycle build --as-of`), if any."""
    text = context.run.tags.get(AS_OF_TAG)
    return date.fromisoformat(text) if text else None


def asked_known_at(
    context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext,
) -> date | None:
    """The date whose knowledge the run was asked for (`lifecycle build --known-at`), if any."""
    text = context.run.tags.get(KNOWN_AT_TAG)
    return date.fromisoformat(text) if text else None


def partition_date(
    context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext,
) -> date | None:
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


def settle_as_of(
    context: dg.AssetExecutionContext, settings: Settings, connection: duckdb.DuckDBPyConnection
) -> date:
    """The build's logical end, decided once everything has arrived and recorded in `meta.builds`
    (`transformation/as_of.py` says which source wins)."""
    as_of = resolve_as_of(
        asked=asked_as_of(context) or asked_known_at(context),
        setting=settings.as_of,
        partition=partition_date(context),
        newest_record=newest_record_date(connection, settings.systems),
    )
    connection.execute(
        "update meta.builds set as_of = $1 where build_id = $2", [as_of, context.run_id]
    )
    return as_of


def recorded_as_of(tools: Toolbox, build_id: str) -> date:
    """The build's logical end, as `settle_as_of` recorded it."""
    with tools.warehouse.connect(read_only=True) as connection:
        row = connection.execute(
            "select as_of from meta.builds where build_id = $1", [build_id]
        ).fetchone()
    as_of: date | None = row[0] if row is not None else None
    if as_of is None:
        raise UserError(
            "This run has built nothing, so there is nothing to check or publish.",
            where=f"run {build_id}",
            todo="Launch the whole job nightly_build, not a part of it.",
        )
    return as_of
