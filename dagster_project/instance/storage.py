"""What Dagster keeps of runs: their events, and nothing of what their steps print. Belongs here: the two
storages that `dagster.yaml` names. Does not belong here: what an event is.

The only module that uses private names of a library (tests/conventions holds the list), as Dagster exports
none of its storages: - its default event storage opens a file, and asks it for its tables, for each of a
build's thousand events: .2 to .3 of the CPU time of a demo build with nothing new (docs/decisions/0037); -
its default log manager captures file descriptor 1, on which the bars of a terminal are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import RLock
from typing import Any

import sqlalchemy
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool

BUSY_SECONDS = 30


class KeptOpenEventLog(ConsolidatedSqliteEventLogStorage):
    """Dagster's consolidated SQLite storage with one connection a process, which takes turns. A commit
    survives a crash of the process; a power cut can take the last events (`synchronous = normal`), never
    anything of the warehouse."""

    def run_connection(self, run_id: str | None = None) -> Any:
        """The connection for events of a run."""
        return self._turn()

    def index_connection(self) -> Any:
        """The connection for what is kept across runs."""
        return self._turn()

    @cached_property
    def kept(self) -> tuple[Engine, RLock]:
        """The engine of the one connection, and whose turn it is."""
        engine = sqlalchemy.create_engine(
            f"sqlite:///{self.get_db_path()}",  # type: ignore[no-untyped-call]
            poolclass=StaticPool,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        )
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text("pragma synchronous = normal"))
        return engine, RLock()

    @contextmanager
    def _turn(self) -> Iterator[Connection]:
        engine, lock = self.kept
        with lock, engine.connect() as connection, connection.begin():
            yield connection


class NoComputeLogs(NoOpComputeLogManager):
    """Keeps nothing of what steps print: it is in their events."""
