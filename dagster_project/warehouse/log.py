"""The write-ahead log beside the warehouse's file. Belongs here: when it is merged into the file (a
checkpoint). Does not belong here: what is written.

DuckDB makes a checkpoint whenever the last connection closes. In a large warehouse that takes seconds however
little was written, because it reads the metadata of every table; and an incremental build opens and closes the
file a dozen times to write a few rows. But every opening reads the log, 50 ms per megabyte
(docs/decisions/0032)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import duckdb

LONG_SHARE = 1000  # a log is long from a thousandth of the file on: at 13 GB metadata takes 3 s, the log .7 s


def has_long_log(path: Path) -> bool:
    """Whether the log of a DuckDB file is so long that reading it at each opening costs more than a
    checkpoint."""
    log = log_of(path)
    return log.exists() and log.stat().st_size * LONG_SHARE > path.stat().st_size


def log_of(path: Path) -> Path:
    """The log of a DuckDB file; it need not exist."""
    return path.with_name(f"{path.name}.wal")


def close_leaving_log(
    connection: duckdb.DuckDBPyConnection, path: Path, close: Callable[[], object]
) -> None:
    """Closes a DuckDB file by `close` and leaves a short log beside it for the next opening to read. The log is
    readable by its owner alone, as it may hold names and e-mails."""
    if not has_long_log(path):
        # Uses its own cursor: the transaction of `connection` may have failed.
        connection.cursor().execute("pragma disable_checkpoint_on_shutdown")
    close()
    with contextlib.suppress(FileNotFoundError):
        log_of(path).chmod(0o600)
