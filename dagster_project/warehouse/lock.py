"""Allows one writer at a time. Belongs here: the lock file beside the warehouse. Does not belong here:
DuckDB's own lock, which lasts only as long as a connection and not for a whole build."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, ClassVar

from dagster_project.errors import BusyError

POLL_SECONDS = 2.0


class WriterLock:
    """The lock that a build holds from beginning to end. The operating system releases it when the process
    ends, however it ends. Entering it again in the same process has no effect.

    Args:
        path: the lock file; its content names the process that holds it.
        wait_seconds: how long to wait for another build; 0 gives up at once.
        on_wait: called once, with a sentence, when the lock has to wait.
    """

    _held: ClassVar[dict[Path, int]] = {}

    def __init__(
        self, path: Path, *, wait_seconds: float = 0, on_wait: Callable[[str], None] | None = None
    ) -> None:
        self._path, self._wait_seconds, self._on_wait = path.resolve(), wait_seconds, on_wait
        self._file: IO[str] | None = None

    def __enter__(self) -> WriterLock:
        if self._held.get(self._path, 0) == 0:
            self._file = self._acquire()
        self._held[self._path] = self._held.get(self._path, 0) + 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._held[self._path] -= 1
        if self._file is not None:
            self._file.close()
            self._file = None

    def _acquire(self) -> IO[str]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+")
        deadline = time.monotonic() + self._wait_seconds
        waiting = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip() or "unknown process"
                if time.monotonic() >= deadline:
                    file.close()
                    raise BusyError(
                        f"Another build is writing ({holder}).",
                        where=str(self._path.parent / "warehouse.duckdb"),
                        todo="Wait until it has finished, then run this again.",
                    ) from None
                if not waiting and self._on_wait is not None:
                    self._on_wait(f"waiting for another build to finish ({holder})")
                waiting = True
                time.sleep(POLL_SECONDS)
            else:
                file.seek(0)
                file.truncate()
                file.write(f"process {os.getpid()}")
                file.flush()
                return file
