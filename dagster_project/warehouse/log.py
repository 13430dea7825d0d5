"""The write-ahead log beside the warehouse's file. Belongs here: when it is put into the file. Does not belong
here: what is written.

DuckDB puts the log into the file whenever the last connection closes. In a large warehouse that takes seconds
however little was written, as the metadata of every table is read for it; a night opens and closes the file a
dozen times to write a few rows. But every opening reads the log, 50 ms a megabyte (docs/decisions/0028)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import duckdb

LONG_SHARE = 1000  # of the file: at 13 GB its metadata takes 3 s, a log of 13 MB .7 s


def has_long_log(path: Path) -> bool:
    """Whether leaving the log of a DuckDB file for some openings to read costs more than putting it there."""
    log = log_of(path)
    return log.exists() and log.stat().st_size * LONG_SHARE > path.stat().st_size


def log_of(path: Path) -> Path:
    """The log of a DuckDB file; it need not exist."""
    return path.with_name(f"{path.name}.wal")


def close_leaving_log(
    connection: duckdb.DuckDBPyConnection, path: Path, close: Callable[[], object]
) -> None:
    """Closes a DuckDB file by `close`. Its log stays beside it while it is short: for the next opening to read,
    and for nobody else's eyes, as names and e-mails may be in it."""
    if not has_long_log(path):
        # A cursor of its own: the transaction of `connection` may have failed.
        connection.cursor().execute("pragma disable_checkpoint_on_shutdown")
    close()
    with contextlib.suppress(FileNotFoundError):
        log_of(path).chmod(0o600)
