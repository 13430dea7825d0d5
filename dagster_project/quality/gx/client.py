"""Talking to the Great Expectations worker. Belongs here: starting it early, asking it, and
stopping it; a worker that dies or hangs becomes a clear error, never a hang. Does not belong here:
Great Expectations (the point is not to import it here)."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from dagster_project.errors import UserError
from dagster_project.quality.checks import CheckResult, suite_to_json
from dagster_project.quality.gx.process import (
    child_environment,
    keep_tail,
    read_lines,
    without_values,
    write_line,
)
from dagster_project.quality.suites.model import Suite

WORKER_MODULE = "dagster_project.quality.gx.worker"
TAIL_LINES = 12


class QualityWorkerError(UserError):
    """The quality checks could not be run. Not a failed check."""


class QualityWorker:
    """A Great Expectations process. `start()` returns at once while the process imports GX;
    `validate()` waits for it. Also a context manager. Not for several threads at a time.

    Args:
        start_timeout: seconds that the import of GX may take, from `start()`.
        validate_timeout: seconds that one `validate()` may take after that.
        command: the worker's command line; for tests.
    """

    def __init__(
        self,
        *,
        start_timeout: float = 180.0,
        validate_timeout: float = 1800.0,
        command: Sequence[str] | None = None,
    ) -> None:
        self._command = list(command or [sys.executable, "-m", WORKER_MODULE])
        self._start_timeout = start_timeout
        self._validate_timeout = validate_timeout
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._ready_by = 0.0
        self._is_ready = False
        self._has_seen_data = False
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> QualityWorker:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the process, unless it runs already. Does not wait for it."""
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        self._answers = queue.Queue()
        self._tail.clear()
        self._is_ready = self._has_seen_data = False
        self._ready_by = time.monotonic() + self._start_timeout
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env=child_environment(),
        )
        self._threads = [
            threading.Thread(target=read_lines, args=(self._process.stdout, self._answers)),
            threading.Thread(target=keep_tail, args=(self._process.stderr, self._tail)),
        ]
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    def validate(self, database: Path, suites: Sequence[Suite]) -> list[CheckResult]:
        """Runs suites against a DuckDB file that no process has open for writing, and returns one
        result per expectation. The worker has closed the file again when this returns. Starts
        the worker if need be. Raises QualityWorkerError when the checks could not be run."""
        self.start()
        if not self._is_ready:
            self._receive(self._ready_by - time.monotonic(), "starting Great Expectations")
            self._is_ready = True
        request = {"database": str(database), "suites": [suite_to_json(each) for each in suites]}
        self._has_seen_data = True
        self._send(request)
        answer = self._receive(self._validate_timeout, f"checking {len(suites)} suites")
        if "results" in answer:
            return [CheckResult(**result) for result in answer["results"]]
        if answer.get("is_locked"):
            raise QualityWorkerError(
                "The quality checks cannot read the warehouse: another process has it open.",
                where=str(database),
                todo="Close the process that has it open, then run the build again.",
            )
        raise QualityWorkerError(
            f"The quality checks stopped: {answer.get('error', 'unknown answer')}.",
            where=str(database),
            todo="Check that the file exists and is a warehouse, then run the build again.",
        )

    def stop(self) -> None:
        """Ends the process. Safe to call at any time, also twice: between requests the worker
        holds nothing, within one it only reads, so it is ended without asking."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for thread in self._threads:
            thread.join(timeout=5)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):  # what was not sent is not wanted any more
                    stream.close()

    def _send(self, request: dict[str, Any]) -> None:
        """Writes in a thread of its own: a worker that has stopped reading must not hold us up.
        A worker that is gone is noticed where its answer is awaited."""
        assert self._process is not None
        writer = threading.Thread(
            target=write_line, args=(self._process.stdin, json.dumps(request))
        )
        writer.daemon = True
        writer.start()
        self._threads.append(writer)

    def _receive(self, timeout: float, doing: str) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=max(timeout, 0.001))
        except queue.Empty:
            raise self._failure(
                f"The quality worker gave no answer in time while {doing}."
            ) from None
        if line is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                if self._process is not None:
                    self._process.wait(timeout=2)  # for its exit code
            raise self._failure(f"The quality worker ended while {doing}.")
        try:
            answer = json.loads(line)
        except ValueError:
            raise self._failure(f"The quality worker answered nonsense while {doing}.") from None
        return dict(answer)

    def _failure(self, what: str) -> QualityWorkerError:
        """The error for a worker that is of no more use; ends it."""
        process = self._process
        code = process.poll() if process is not None else None
        self.stop()
        ended = "" if code is None else f" Exit code {code}."
        lines = list(self._tail)
        if self._has_seen_data:
            lines = without_values(lines)
        tail = "; ".join(line.strip() for line in lines if line.strip()) or "nothing"
        return QualityWorkerError(
            f"{what}{ended} Its last words: {tail}",
            where=f"process {WORKER_MODULE}",
            todo="Run the build again; if it happens again, run this process by itself to see why.",
        )
