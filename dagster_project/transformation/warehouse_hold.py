"""dbt's hold on the warehouse while it runs in this process. Belongs here: reading through its connection,
cancelling its queries, closing it, also when DuckDB holds on to memory. Does not belong here: running dbt."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import duckdb

from dagster_project.warehouse.log import close_leaving_log

if TYPE_CHECKING:
    from dbt.adapters.duckdb.environments.local import LocalEnvironment

KEPT_OPEN_SECONDS = 2
# Asking takes a few milliseconds, which is a tenth of a small company's test.
BETWEEN_ASKING_SECONDS = 0.5


class WarehouseHold:
    """What dbt-duckdb has open: one handle of DuckDB, of which every node's connection is a cursor."""

    def __init__(self) -> None:
        self._ask_at = time.monotonic() + KEPT_OPEN_SECONDS

    def is_in_use(self) -> bool:
        """Whether some node has a connection just now."""
        environment = _environment()
        return environment is not None and environment.handle_count > 0

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection | None]:
        """A cursor beside dbt's own; None when nothing is open. A query that fails is left out: what is read
        here is shown to people and needed by nobody."""
        environment = _environment()
        if environment is None or environment.conn is None:
            yield None
            return
        with environment.conn.cursor() as cursor, contextlib.suppress(duckdb.Error):
            yield cursor

    def cancel_queries(self) -> None:
        """Interrupts what dbt is asking DuckDB, as dbt does when Ctrl-C reaches it."""
        from dbt.adapters.factory import get_adapter_by_type

        with contextlib.suppress(KeyError):  # dbt has not come so far
            get_adapter_by_type("duckdb").cancel_open_connections()  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Closes the warehouse, so that others can open it with settings of their own."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        _close(_environment())
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]

    def close_if_full(self) -> None:
        """Closes the warehouse between two nodes when much of its memory cannot be released; the next node
        opens it. DuckDB keeps which rows of the tables it read are deleted, eight bytes for each row, until
        then (docs/decisions/0028). What was written may be left in the write-ahead log, as putting it into a
        large warehouse takes seconds; but opening reads the log, so a long one is put there first."""
        environment = _environment()
        if time.monotonic() < self._ask_at or environment is None or environment.handle_count > 0:
            return
        self._ask_at = time.monotonic() + BETWEEN_ASKING_SECONDS
        limit = (environment.creds.config_options or {}).get("memory_limit")
        if environment.conn is not None and limit is not None and is_full(environment.conn, limit):
            _close(environment)
            self._ask_at = time.monotonic() + KEPT_OPEN_SECONDS


def is_full(warehouse: duckdb.DuckDBPyConnection, limit: str) -> bool:
    """Whether DuckDB cannot do with a third of `limit` (such as 2.4GB) between two queries. Found by trying:
    what it can release has the same name in duckdb_memory() as what it cannot."""
    number, unit = re.fullmatch(r"([0-9.]+)(.*)", limit).groups()  # type: ignore[union-attr]
    try:
        warehouse.execute(f"set memory_limit = '{float(number) / 3}{unit}'")
    except duckdb.OutOfMemoryException:
        return True
    finally:
        warehouse.execute(f"set memory_limit = '{limit}'")
    return False


def _environment() -> LocalEnvironment | None:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    try:
        return cast("LocalEnvironment", DuckDBConnectionManager.env())
    except Exception:  # noqa: BLE001 - dbt-duckdb raises nothing more particular when there is none yet
        return None


def _close(environment: LocalEnvironment | None) -> None:
    if environment is not None and environment.conn is not None:
        close_leaving_log(environment.conn, Path(environment.creds.path), environment.close)
