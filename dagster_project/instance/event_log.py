"""Where Dagster keeps a run's events: its own SQLite storage, with connections kept open. Belongs here:
only how the files are opened. Does not belong here: what an event says."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import RLock
from typing import Any

import sqlalchemy
from dagster import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool

INDEX = "index"
KEPT_RUNS = 4
# Dagster hands over what belongs together, such as all that a run plans, only when this says how much.
BATCH_SIZE = "DAGSTER_EVENT_BATCH_SIZE"
BATCH = 1_000


class KeptOpenEventLog(SqliteEventLogStorage):
    """Dagster's storage opens and closes a file for each of a build's thousand events, and SQLite folds
    its write-ahead log back and waits for the disk at each close. Here each file is opened once a
    process. A commit survives a crash of the process; a power cut can take the last events of a log
    (`synchronous = normal`), never anything of the warehouse. Decision record 0017."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._engines: dict[str, Engine] = {}
        self._held: dict[str, Connection] = {}
        self._one_at_a_time = RLock()
        self._found: set[tuple[str, str]] = set()
        os.environ.setdefault(BATCH_SIZE, str(BATCH))
        super().__init__(*arguments, **options)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "KeptOpenEventLog":
        return cls(inst_data=inst_data, **config_value)

    def run_connection(self, run_id: str | None = None) -> Any:
        return self._kept(run_id or INDEX)

    def index_connection(self) -> Any:
        return self._kept(INDEX)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """All of the events or none, in one transaction of each file instead of up to three an event."""
        with self._one_at_a_time, ExitStack() as stack:
            shards = (INDEX, *{event.run_id for event in events})
            self._held = {shard: stack.enter_context(self._kept(shard)) for shard in shards}
            stack.callback(self._held.clear)
            for event in events:
                self.store_event(event)

    def has_table(self, table_name: str) -> bool:
        return self._once("table", table_name, super().has_table)

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        ask = super()._has_asset_key_col_on_connection
        return self._once("column", column_name, lambda name: ask(conn, name))

    def has_secondary_index(self, name: str) -> bool:
        return self._once("index", name, super().has_secondary_index)

    def _once(self, kind: str, name: str, ask: Callable[[str], bool]) -> bool:
        """Dagster asks the file for its tables at each event; what is there once stays there."""
        if (kind, name) not in self._found and ask(name):
            self._found.add((kind, name))
        return (kind, name) in self._found

    @contextmanager
    def _kept(self, shard: str) -> Iterator[Connection]:
        with self._one_at_a_time:
            if shard in self._held:  # by store_event_batch, on this thread
                yield self._held[shard]
                return
            if shard not in self._engines:
                self._engines[shard] = self._open(shard)
                self._close_oldest()
            with self._engines[shard].connect() as connection, connection.begin():
                yield connection

    def _open(self, shard: str) -> Engine:
        with super().run_connection(shard):
            pass  # makes the file and its tables where they are not there yet
        engine = sqlalchemy.create_engine(
            self.conn_string_for_shard(shard),
            poolclass=StaticPool,
            connect_args={"timeout": 30, "check_same_thread": False},
        )
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text("pragma synchronous = normal"))
        return engine

    def _close_oldest(self) -> None:
        """A web server sees many runs: only the index and the last few stay open."""
        runs = [shard for shard in self._engines if shard != INDEX]
        for shard in runs[:-KEPT_RUNS]:
            self._engines.pop(shard).dispose()

    def dispose(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()
