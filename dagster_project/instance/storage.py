"""What Dagster keeps of runs: their events, and nothing of what their steps print. Belongs here: the two
storages that `dagster.yaml` names. Does not belong here: what an event is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import RLock
from typing import Any

import sqlalchemy
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool

from dagster_project.instance.private_names import (
    ConsolidatedSqliteEventLogStorage,
    NoOpComputeLogManager,
)

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
