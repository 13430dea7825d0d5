"""The progress of a build. Belongs here: the functions that report it (`step`, `advance`, `say`), the
seconds each step took, and the protocol of a sink that receives it. Does not belong here: how progress
looks on a terminal (`cli/terminal.py`)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Sink(Protocol):
    """Receives progress. Called from any thread, one call at a time."""

    def started(self, name: str) -> None:
        """A step began."""

    def advanced(self, name: str, done: int, total: int) -> None:
        """`done` of `total` units of a step are finished; a total of 0 means unknown."""

    def said(self, text: str) -> None:
        """A line of text to show; it holds no personal data."""

    def finished(self, name: str, seconds: float, failed: bool) -> None:
        """A step ended after this many wall seconds; `failed` when it raised an exception."""


class _Silent:
    def started(self, name: str) -> None: ...
    def advanced(self, name: str, done: int, total: int) -> None: ...
    def said(self, text: str) -> None: ...
    def finished(self, name: str, seconds: float, failed: bool) -> None: ...


_lock = threading.RLock()
_sink: Sink = _Silent()
_seconds: dict[str, float] = {}


def install(sink: Sink | None) -> None:
    """Sends progress to `sink` from now on (None: nowhere) and resets the recorded seconds."""
    global _sink
    with _lock:
        _sink = _Silent() if sink is None else sink
        _seconds.clear()


def seconds_per_step() -> dict[str, float]:
    """Wall seconds of every finished step, in the order in which they first finished. A step that ran
    several times has the sum. The seconds of a step inside another count in both."""
    with _lock:
        return dict(_seconds)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Reports the body as one named step of the build."""
    with _lock:
        _sink.started(name)
    start = time.perf_counter()
    failed = True
    try:
        yield
        failed = False
    finally:
        seconds = time.perf_counter() - start
        with _lock:
            _seconds[name] = _seconds.get(name, 0.0) + seconds
            _sink.finished(name, seconds, failed)


def advance(name: str, done: int, total: int) -> None:
    """Reports that `done` of `total` units (files, models, tables) of the step are finished."""
    with _lock:
        _sink.advanced(name, done, total)


def say(text: str) -> None:
    """Reports one line of text; it must hold no personal data."""
    with _lock:
        _sink.said(text)
