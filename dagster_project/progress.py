"""Progress of a build, told by those who work to whoever listens. Belongs here: the three verbs
(`step`, `advance`, `say`), the seconds each step took, and the shape of a listener. Does not
belong here: how progress looks on a terminal (`cli/terminal.py`)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Sink(Protocol):
    """Somebody who listens. Called from any thread, one call at a time."""

    def started(self, name: str) -> None:
        """A step began."""

    def advanced(self, name: str, done: int, total: int) -> None:
        """`done` of `total` units of a step are finished; total 0 = not known."""

    def said(self, text: str) -> None:
        """A line worth showing; holds no personal data."""

    def finished(self, name: str, seconds: float, failed: bool) -> None:
        """A step ended after so many seconds, `failed` when an exception left it."""


class _Silent:
    def started(self, name: str) -> None: ...
    def advanced(self, name: str, done: int, total: int) -> None: ...
    def said(self, text: str) -> None: ...
    def finished(self, name: str, seconds: float, failed: bool) -> None: ...


_lock = threading.RLock()
_sink: Sink = _Silent()
_seconds: dict[str, float] = {}


def install(sink: Sink | None) -> None:
    """Sends progress to `sink` from now on (None: nowhere) and forgets the seconds so far."""
    global _sink
    with _lock:
        _sink = _Silent() if sink is None else sink
        _seconds.clear()


def seconds_per_step() -> dict[str, float]:
    """Wall seconds of every finished step, in the order they first finished. A step that ran
    several times has the sum; a step inside another is in both."""
    with _lock:
        return dict(_seconds)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Everything inside is one named step of the build."""
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
    """`done` of `total` units (files, models, tables) of the step are finished."""
    with _lock:
        _sink.advanced(name, done, total)


def say(text: str) -> None:
    """One line for whoever watches; no personal data."""
    with _lock:
        _sink.said(text)
