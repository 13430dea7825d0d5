"""Opens the private warehouse. Belongs here: connections with the project's settings, and the pseudonyms'
key that models read. Does not belong here: tables of any layer."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.errors import BusyError
from dagster_project.settings import Settings
from dagster_project.warehouse.log import close_leaving_log
from dagster_project.warehouse.pseudonyms import pseudonym_key
from dagster_project.warehouse.trouble import explained

BLOCK = 64  # the block size of SHA-256, bytes (RFC 2104)
# How long a writer waits for readers such as `lifecycle status`; no other process writes (`lock.py`).
WAIT_FOR_READERS_SECONDS = 60.0


@contextmanager
def only_for_the_owner() -> Iterator[None]:
    """Files created meanwhile are readable by their owner alone. The warehouse, and the files that DuckDB keeps
    beside it (its log, and spilled data), hold names, e-mails and the key of the pseudonyms."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


class Warehouse:
    """The private warehouse of one installation. Connections are short-lived: while one is open for
    writing, DuckDB lets no other process even read the file."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def path(self) -> Path:
        """The DuckDB file."""
        return self.settings.warehouse_path

    @contextmanager
    def connect(self, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in UTC with the project's threads and memory limit. Its writes may remain in the log
        beside the file (`log.py`). Raises UserError when the file cannot be opened, and BusyError when another
        process has it open; to write, it first waits up to a minute."""
        with only_for_the_owner():
            connection = self._open(read_only)
            try:
                connection.execute("set timezone = 'UTC'")
                yield connection
            finally:
                if read_only:
                    connection.close()
                else:
                    close_leaving_log(connection, self.path, connection.close)

    def _open(self, read_only: bool) -> duckdb.DuckDBPyConnection:
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": str(self.settings.threads)
        }
        if self.settings.memory_limit:
            config["memory_limit"] = self.settings.memory_limit
        give_up_at = time.monotonic() + (0 if read_only else WAIT_FOR_READERS_SECONDS)
        while True:
            try:
                with explained("open the private warehouse", self.path):
                    return duckdb.connect(str(self.path), read_only=read_only, config=config)
            except BusyError:
                if time.monotonic() >= give_up_at:
                    raise
                time.sleep(0.2)

    def install_pseudonym_key(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Writes the padded key to `ingest.pseudonym_key`. Models read it there at run time, so that it is
        in no compiled SQL, log or artifact."""
        key = pseudonym_key(self.settings)
        if len(key) > BLOCK:
            key = hashlib.sha256(key).digest()
        padded = key.ljust(BLOCK, b"\0")
        connection.execute("create schema if not exists ingest")
        connection.execute(
            "create or replace table ingest.pseudonym_key as"
            " select $1::blob as inner_pad, $2::blob as outer_pad",
            [bytes(byte ^ 0x36 for byte in padded), bytes(byte ^ 0x5C for byte in padded)],
        )
