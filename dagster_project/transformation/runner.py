"""dbt's own runner in this process. Belongs here: calling dbt with the project's environment, passing on
how each node went while it goes on, and stopping it. Does not belong here: which nodes (`project.py`), or
what becomes of their results."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.errors import UserError
from dagster_project.settings import Settings
from dagster_project.transformation.project import DBT_FOLDER, dbt_environment
from dagster_project.transformation.warehouse_hold import WarehouseHold
from dagster_project.warehouse.connection import only_for_the_owner

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

# The events that dagster-dbt makes Dagster's events of: one for each model, seed and test that ran.
RESULTS = ("LogModelResult", "LogSeedResult", "LogTestResult")
STOP_SECONDS = 30.0
BETWEEN_STOPPING_SECONDS = 0.1


@dataclass(frozen=True)
class Table:
    """What a model or seed made: its columns, with types, and how many rows; a view's are not counted, as that
    would run it."""

    columns: dict[str, str]
    rows: int | None


@dataclass(frozen=True)
class NodeEvent:
    """A node has finished: dbt's event as JSON values, and the table that it made."""

    raw: dict[str, Any]
    table: Table | None


@dataclass(frozen=True)
class NodeResult:
    """How one model, seed or test went. `status` is dbt's; `message` is empty for tests, whose
    messages may quote values; `seconds` is wall time; `query` is that of a test that found something."""

    unique_id: str
    status: str
    seconds: float
    failures: int
    message: str
    query: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether it could not run, or is a test of severity error that found something."""
        return self.status in ("error", "fail", "runtime error", "partial success")


def invoke(settings: Settings, arguments: Sequence[str]) -> dbtRunnerResult:
    """Runs a dbt command and returns what dbt's runner returns; failures are results, not exceptions."""
    from dbt.cli.main import dbtRunner

    with _environment(settings):
        outcome = dbtRunner().invoke(list(arguments))
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception
    return outcome


def build(
    settings: Settings,
    arguments: Sequence[str],
    *,
    manifest: Manifest,
    environment: Mapping[str, str],
    artifact: Path,
) -> Generator[NodeEvent, None, list[NodeResult]]:
    """Runs `dbt build` and yields each node as it finishes; returns how all went, in the end also those
    that could not start, and leaves dbt's own record of them in the file `artifact`. dbt works in a thread
    of its own, so that its events are passed on meanwhile. Left early, by Ctrl-C for one, it interrupts the
    query at hand, whose transaction is undone, and closes the warehouse. Raises UserError when dbt itself
    could not run."""
    hold = WarehouseHold()
    events: queue.SimpleQueue[NodeEvent | dbtRunnerResult] = queue.SimpleQueue()
    stop = _Stop(hold)

    def on_event(event: EventMsg) -> None:
        stop.park_if_asked()
        if event.info.name in RESULTS:
            events.put(_node_event(event, hold))
            hold.close_if_full()

    def work() -> None:
        from dbt.cli.main import dbtRunner

        os.environ.update(environment)
        events.put(dbtRunner(manifest=manifest, callbacks=[on_event]).invoke(list(arguments)))

    with _environment(settings):
        thread = threading.Thread(target=work, name="dbt", daemon=True)
        thread.start()
        try:
            while isinstance(event := events.get(), NodeEvent):
                yield event
        finally:
            stop.stop(thread)
            hold.close()
    return _results(event, settings, artifact)


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    os.environ.update(dbt_environment(settings))
    with contextlib.chdir(settings.home), only_for_the_owner():
        yield


class _Stop:
    """Stopping a dbt that runs in a thread: its queries are cancelled as dbt does on Ctrl-C, and it is held
    where it reports next, as there is no way to end a thread."""

    def __init__(self, hold: WarehouseHold) -> None:
        self._hold = hold
        self._is_asked, self._is_parked = threading.Event(), threading.Event()

    def park_if_asked(self) -> None:
        """Called by dbt's threads. Does not return once dbt is to stop and nothing of it is open."""
        if self._is_asked.is_set() and not self._hold.is_in_use():
            self._is_parked.set()
            threading.Event().wait()

    def stop(self, thread: threading.Thread) -> None:
        """Returns when dbt has ended or is parked, at the latest after half a minute."""
        self._is_asked.set()
        give_up_at = time.monotonic() + STOP_SECONDS
        while thread.is_alive() and time.monotonic() < give_up_at:
            self._hold.cancel_queries()
            if self._is_parked.wait(BETWEEN_STOPPING_SECONDS):
                return


def _node_event(event: EventMsg, hold: WarehouseHold) -> NodeEvent:
    from dbt_common.events.functions import msg_to_dict

    raw = msg_to_dict(event)
    node = raw["data"]["node_info"]
    if node["resource_type"] == "test" or node["node_status"] != "success":
        return NodeEvent(raw, None)
    return NodeEvent(raw, _table(node, hold))


def _table(node: Mapping[str, Any], hold: WarehouseHold) -> Table | None:
    """Columns and rows of what a model or seed made. Only dbt's connection can read them while it runs."""
    relation, is_view = node["node_relation"]["relation_name"], node["materialized"] == "view"
    with hold.cursor() as cursor:
        if cursor is None:
            return None
        columns = cursor.execute(f"select column_name, column_type from (describe {relation})")
        found = dict(columns.fetchall())
        counted = None if is_view else cursor.execute(f"select count(*) from {relation}")
        return Table(found, counted and counted.fetchall()[0][0])


def _results(outcome: dbtRunnerResult, settings: Settings, artifact: Path) -> list[NodeResult]:
    from dbt.artifacts.schemas.run import RunExecutionResult

    if not isinstance(outcome.result, RunExecutionResult):
        error = outcome.exception
        words = f"{type(error).__name__}: {error}" if error else "it ended without a reason"
        raise UserError(
            f"dbt could not run: {words}",
            where=str(DBT_FOLDER),
            todo=f"See {settings.dbt_target_folder / 'logs' / 'dbt.log'}.",
        )
    outcome.result.write(str(artifact))
    return [
        NodeResult(
            unique_id=each.node.unique_id,
            status=str(each.status),
            seconds=each.execution_time,
            failures=each.failures or 0,
            message="" if each.node.unique_id.startswith("test.") else each.message or "",
            query=getattr(each.node, "compiled_code", None) or "" if each.failures else "",
        )
        for each in outcome.result.results
    ]
