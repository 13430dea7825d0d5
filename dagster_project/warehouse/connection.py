"""Opening the private warehouse. Belongs here: connections with the project's settings, and the key of
the pseudonyms that models read. Does not belong here: tables of any layer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.publication.trouble import explained
from dagster_project.settings import Settings, pseudonym_key
from dagster_project.warehouse.log import close_leaving_log

BLOCK = 64  # the block size of SHA-256, bytes (RFC 2104)


class Warehouse:
    """The private warehouse of one installation. Connections are short-lived: DuckDB lets no other
    process even read the file while one is open for writing."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def path(self) -> Path:
        """The DuckDB file."""
        return self.settings.warehouse_path

    @contextmanager
    def connect(self, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in UTC with the project's threads and memory limit. What it writes may stay in the log
        beside the file (`log.py`). Raises UserError when the file cannot be opened, BusyError when another
        process has it open."""
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": str(self.settings.threads)
        }
        if self.settings.memory_limit:
            config["memory_limit"] = self.settings.memory_limit
        is_new = not self.path.exists()
        with explained("open the private warehouse", self.path):
            connection = duckdb.connect(str(self.path), read_only=read_only, config=config)
        if is_new:
            self.path.chmod(0o600)  # names and e-mails, and the key of the pseudonyms
        try:
            connection.execute("set timezone = 'UTC'")
            yield connection
        finally:
            if read_only:
                connection.close()
            else:
                close_leaving_log(connection, self.path, connection.close)

    def install_pseudonym_key(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Writes the padded key to `ingest.pseudonym_key`, where models read it at run time, so
        that it is in no compiled SQL, log or artifact."""
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
