"""A process that runs dbt. Belongs here: importing dbt and parsing the project early, running builds, and
telling their events, a JSON line each. Does not belong here: which command (`runner.py` asks for it).

dbt takes seconds to import and to parse; started at the beginning of a build, this process has done both by
the time that everything has arrived."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from duckdb import Error as DuckDBError
from duckdb import OutOfMemoryException

from dagster_project.collecting import loading
from dagster_project.transformation.results import MAKING
from dagster_project.warehouse.log import close_leaving_log

if TYPE_CHECKING:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt_common.events.base_types import EventMsg
    from duckdb import DuckDBPyConnection

NODE_FINISHED = "NodeFinished"
KEPT_OPEN_SECONDS = 2
# Asking takes a few milliseconds, which is a tenth of a small company's test.
BETWEEN_ASKING_SECONDS = 0.5


def main() -> int:
    """Reads requests from stdin, a JSON line each: `{"parse": [...]}` at once, and later
    `{"build": [...], "environment": {...}, "results": "..."}`, one or more. Writes the results of each into
    that file, as dbt would, and lets go of the warehouse."""
    os.umask(0o077)  # what DuckDB puts beside the warehouse may hold what it holds
    # Whatever dbt prints goes to stderr: stdout is for the answers alone.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    with loading():
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.artifacts.schemas.run import RunExecutionResult
        from dbt.cli.main import dbtRunner
        from dbt.contracts.graph.manifest import Manifest

    def tell(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")

    def on_event(event: EventMsg) -> None:
        if event.info.name == NODE_FINISHED:
            table = _table(event.data, _warehouse(DuckDBConnectionManager))
            tell({"node": _node(event.data), "table": table})

    manifest = None
    for line in sys.stdin:
        request = json.loads(line)
        with contextlib.redirect_stdout(sys.stderr):
            if "parse" in request:
                # A project that does not parse has no manifest here; building says why.
                with loading():
                    parsed = dbtRunner().invoke(request["parse"]).result
                manifest = parsed if isinstance(parsed, Manifest) else None
                continue
            os.environ.update(request["environment"])
            callbacks = [on_event, _closing_when_full(DuckDBConnectionManager)]
            runner = dbtRunner(manifest=manifest, callbacks=callbacks)
            outcome = runner.invoke(request["build"])
            _close(DuckDBConnectionManager)
            if isinstance(outcome.result, RunExecutionResult):
                outcome.result.write(request["results"])
        error = outcome.exception
        words = f"{type(error).__name__}: {error}" if error else ""
        tell({"finished": True, "success": bool(outcome.success), "error": words})
    return 0


def _node(finished: Any) -> dict[str, Any]:
    """How a node went, by dbt's event of it, in the words of `results.node_result`."""
    result = finished.run_result
    return {
        "unique_id": finished.node_info.unique_id,
        "status": result.status,
        "seconds": result.execution_time,
        "failures": result.num_failures,
        "message": result.message,
    }


def _table(finished: Any, warehouse: DuckDBPyConnection | None) -> dict[str, Any] | None:
    """Columns and rows of what a model or seed made. Only this process can read them while dbt runs."""
    node = finished.node_info
    is_made = node.resource_type in MAKING and finished.run_result.status == "success"
    if warehouse is None or not is_made:
        return None
    relation, is_view = node.node_relation.relation_name, node.materialized == "view"
    try:
        with warehouse.cursor() as cursor:
            columns = cursor.execute(f"select column_name, column_type from (describe {relation})")
            found = dict(columns.fetchall())
            counted = None if is_view else cursor.execute(f"select count(*) from {relation}")
            return {"columns": found, "rows": counted and counted.fetchall()[0][0]}
    except DuckDBError:  # shown to people, needed by nobody
        return None


def _warehouse(manager: type[DuckDBConnectionManager]) -> DuckDBPyConnection | None:
    """What dbt has open, if anything: its own handle, of which every node's connection is a cursor."""
    return getattr(manager._ENV, "conn", None)


def _close(manager: type[DuckDBConnectionManager]) -> None:
    """Lets go of the warehouse, so that other processes can open it."""
    environment, warehouse = manager._ENV, _warehouse(manager)
    if environment is not None and warehouse is not None:
        close_leaving_log(warehouse, Path(environment.creds.path), environment.close)
    manager.close_all_connections()  # type: ignore[no-untyped-call]


def _closing_when_full(manager: type[DuckDBConnectionManager]) -> Callable[[EventMsg], None]:
    """Closes the warehouse between two nodes when much of its memory cannot be let go of; the next node opens
    it. DuckDB keeps which rows of the tables it read are deleted, eight bytes for each row, until then
    (docs/decisions/0028). What was written may stay in the write-ahead log, as putting it into a large
    warehouse takes seconds; but opening reads the log, so a long one is put there first."""
    ask_at = time.monotonic() + KEPT_OPEN_SECONDS

    def on_event(event: EventMsg) -> None:
        nonlocal ask_at
        if event.info.name != NODE_FINISHED or time.monotonic() < ask_at:
            return
        environment, warehouse = manager.env(), _warehouse(manager)
        if warehouse is None or getattr(environment, "handle_count", 1) != 0:
            return
        ask_at = time.monotonic() + BETWEEN_ASKING_SECONDS
        limit = (environment.creds.config_options or {}).get("memory_limit")
        if limit is not None and holds_on(warehouse, limit):
            close_leaving_log(warehouse, Path(environment.creds.path), environment.close)
            ask_at = time.monotonic() + KEPT_OPEN_SECONDS

    return on_event


def holds_on(warehouse: DuckDBPyConnection, limit: str) -> bool:
    """Whether DuckDB cannot do with a third of `limit` (such as 2.4GB) between two queries. Asked by trying:
    what it can let go of has the same name in duckdb_memory() as what it cannot."""
    number, unit = re.fullmatch(r"([0-9.]+)(.*)", limit).groups()  # type: ignore[union-attr]
    try:
        warehouse.execute(f"set memory_limit = '{float(number) / 3}{unit}'")
    except OutOfMemoryException:
        return True
    finally:
        warehouse.execute(f"set memory_limit = '{limit}'")
    return False


if __name__ == "__main__":
    sys.exit(main())
