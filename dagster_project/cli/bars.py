"""Progress of a build as a person sees it: bars on a terminal, lines with seconds in a file or pipe. Belongs
here: their looks, and the stream they are written to. Does not belong here: who reports progress
(`progress.py`)."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from dagster_project import progress

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# In a pipe, a long step is reported again at most this often (seconds).
PATIENCE = 10.0
# As wide as the longest name of a step, so that finished steps stand in columns.
NAME_WIDTH = 34


@contextmanager
def listening() -> Iterator[None]:
    """Shows the progress of everything inside."""
    with _standard_output() as stream:
        sink = _Bars(stream) if sys.stdout.isatty() else _Lines(stream)
        progress.install(sink)
        sink.open()
        try:
            yield
        finally:
            progress.install(None)
            sink.close()


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    """Standard output as it is now, whatever is put in place of its descriptor later: Dagster can redirect
    descriptor 1 while a step runs, and bars drawn there would appear again for every step."""
    sys.stdout.flush()
    try:
        descriptor = os.dup(sys.stdout.fileno())
    except io.UnsupportedOperation:  # no file, as in tests
        yield sys.stdout
        return
    with open(descriptor, "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors) as stream:  # noqa: PTH123
        yield stream


class _Lines:
    """One line when a step begins, when it ends, and now and then between."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._begin = time.perf_counter()
        self._reported: dict[str, float] = {}

    def open(self) -> None: ...
    def close(self) -> None: ...

    def _line(self, text: str) -> None:
        print(f"{time.perf_counter() - self._begin:7.1f} s  {text}", file=self._stream, flush=True)

    def started(self, name: str) -> None:
        self._reported[name] = time.perf_counter()
        self._line(f"{name} ...")

    def advanced(self, name: str, done: int, total: int) -> None:
        now = time.perf_counter()
        if now - self._reported.get(name, self._begin) >= PATIENCE:
            self._reported[name] = now
            self._line(f"{name}: {done}" + (f" of {total}" if total else ""))

    def said(self, text: str) -> None:
        self._line(text)

    def finished(self, name: str, seconds: float, failed: bool) -> None:
        self._line(f"{name}: {'failed' if failed else 'done'} in {seconds:.1f} s")


class _Bars:
    """A bar for each step that runs, with rich; a step that has ended is a line above them, written once."""

    def __init__(self, stream: TextIO) -> None:
        from rich import progress as rich
        from rich.console import Console

        self._tasks: dict[str, TaskID] = {}
        self._counts: dict[str, tuple[int, int]] = {}
        self._bars: Progress = rich.Progress(
            rich.SpinnerColumn(),
            rich.TextColumn("{task.description}"),
            rich.BarColumn(bar_width=30),
            rich.TextColumn("{task.fields[count]}"),
            rich.TimeElapsedColumn(),
            console=Console(file=stream),
            refresh_per_second=5,
            transient=True,
        )

    def open(self) -> None:
        self._bars.start()

    def close(self) -> None:
        self._bars.stop()

    def started(self, name: str) -> None:
        self._tasks[name] = self._bars.add_task(name, total=None, count="")

    def advanced(self, name: str, done: int, total: int) -> None:
        if name not in self._tasks:
            self.started(name)
        self._counts[name] = done, total
        count = _count(done, total)
        self._bars.update(self._tasks[name], completed=done, total=total or None, count=count)

    def said(self, text: str) -> None:
        self._bars.console.print(text, markup=False, highlight=False)

    def finished(self, name: str, seconds: float, failed: bool) -> None:
        self._bars.remove_task(self._tasks.pop(name))
        done, total = self._counts.pop(name, (0, 0))
        count = _count(done if failed else max(done, total), total)
        line = f"{'x' if failed else '✓'} {name:<{NAME_WIDTH}} {count:>9} {seconds:7.1f} s"
        self._bars.console.print(
            line + ("  failed" if failed else ""),
            style="bold red" if failed else "",
            markup=False,
            highlight=False,
        )


def _count(done: int, total: int) -> str:
    """How far a step is; nothing for one that does not count."""
    return f"{done}/{total}" if total else str(done or "")
