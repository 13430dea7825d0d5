"""Errors of the disk and of DuckDB in words that a person can act on. Belongs here: translating errors that
occur while a database or the served folder is opened, read or written. Does not belong here: programming
errors, which pass through unchanged."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.errors import BusyError, UserError

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_SPACE_TEXT = ("no space left", "disk quota", "file too large", "enough disk space")
# Other DuckDB errors are mistakes in a statement, and their text may quote a person's data.
_OF_THE_FILE = (
    duckdb.IOException,
    duckdb.ConnectionException,
    duckdb.SerializationException,
    duckdb.OutOfMemoryException,
)
_NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS)


def lock_holder(error: BaseException) -> int | None:
    """The id of the process that holds the database file, or None if the error has another cause. 0 when
    DuckDB does not name the process."""
    text = str(error)
    if "Could not set lock on file" not in text:
        return None
    found = re.search(r"\(PID (\d+)\)", text)
    return int(found.group(1)) if found else 0


@contextmanager
def explained(doing: str, where: Path) -> Iterator[None]:
    """Turns errors of the disk and of DuckDB files into UserError. `doing` completes the sentence
    "Could not ..."."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        found = explained_error(error, doing, where)
        if found is None:
            raise
        raise found from error


def explained_error(error: OSError | duckdb.Error, doing: str, where: Path) -> UserError | None:
    """The UserError for an error already caught; None for a mistake in a statement."""
    if isinstance(error, (OSError, *_OF_THE_FILE)) or _already_open(error):
        return explain(error, doing, where)
    return None


def explain(error: OSError | duckdb.Error, doing: str, where: Path) -> UserError:
    """The UserError that describes the error to a person."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    what = f"Could not {doing}: "
    number = error.errno if isinstance(error, OSError) else None
    lowered = text.lower()
    holder = lock_holder(error)
    if number in _NO_SPACE or any(sign in lowered for sign in _NO_SPACE_TEXT):
        return UserError(
            what + "no space left on the disk.",
            where=str(where),
            todo="Free space there or move LIFECYCLE_HOME to a larger disk, then run again. "
            "The served build is unchanged.",
        )
    if holder is not None:
        return BusyError(
            what + f"another process{f' (PID {holder})' if holder else ''} is using the file.",
            where=str(where),
            todo="Wait until it ends or end it, then run again.",
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return UserError(
            what + "not enough memory.",
            where=str(where),
            todo="Raise LIFECYCLE_MEMORY_LIMIT or lower LIFECYCLE_THREADS, then run again.",
        )
    if _already_open(error):
        return BusyError(
            what + "this process still has the file open for writing.",
            where=str(where),
            todo="Close every connection to the warehouse before this step.",
        )
    if number in _NOT_WRITABLE or "permission denied" in lowered or "read-only file" in lowered:
        return UserError(
            what + "not permitted.",
            where=str(where),
            todo="Let this user read and write there, or set LIFECYCLE_HOME to another folder.",
        )
    if number in (errno.ENOTDIR, errno.EEXIST):
        return UserError(
            what + "a file is in the way of a folder.",
            where=str(where),
            todo="Move that file away or set LIFECYCLE_HOME to another folder.",
        )
    return UserError(
        what + text,
        where=str(where),
        todo="Check the disk and the file; `lifecycle doctor` looks at the usual causes.",
    )


def _already_open(error: BaseException) -> bool:
    text = str(error).lower()
    return "already attached" in text or "different configuration" in text
