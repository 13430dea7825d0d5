"""What a person sees: tables, lines and progress. Belongs here: looks, on a terminal (with rich)
and in a file or pipe (plain lines). Does not belong here: what is shown (`summary.py`, the
commands)."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project import progress

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# In a pipe, a long step tells how far it is at most this often (seconds).
PATIENCE = 10.0
COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}


@dataclass(frozen=True)
class Table:
    """A titled table. Cells that are numbers are aligned right; None is shown empty."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[object]]


def show(*tables: Table) -> None:
    """Prints tables; those without rows are left out."""
    for table in tables:
        if table.rows:
            (_show_rich if sys.stdout.isatty() else _show_plain)(table)


def show_list(sentences: Sequence[str]) -> None:
    """Prints one point each; further lines of a sentence (where, to do) are indented below it."""
    for sentence in filter(None, sentences):
        print("  - " + sentence.replace("\n", "\n  "))


def cell(value: object) -> str:
    """How a value is written: numbers with thin grouping, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace(",", " ")
    if isinstance(value, float):
        return f"{value:,.1f}".replace(",", " ")
    return str(value)


def _is_number(table: Table, column: int) -> bool:
    cells = [row[column] for row in table.rows if row[column] is not None]
    return bool(cells) and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in cells
    )


def _show_plain(table: Table) -> None:
    rows = [list(table.headers), *[[cell(value) for value in row] for row in table.rows]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.headers))]
    numeric = [_is_number(table, column) for column in range(len(table.headers))]
    print(f"\n{table.title}")
    rows.insert(1, ["-" * width for width in widths])
    for row in rows:
        cells = [
            text.rjust(width) if number else text.ljust(width)
            for text, width, number in zip(row, widths, numeric, strict=True)
        ]
        print(f"  {'  '.join(cells)}".rstrip())


def _show_rich(table: Table) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(title=table.title, title_justify="left", box=box.SIMPLE_HEAD)
    for column, header in enumerate(table.headers):
        drawn.add_column(header, justify="right" if _is_number(table, column) else "left")
    for row in table.rows:
        drawn.add_row(*(Text(cell(value), COLOURS.get(str(value), "")) for value in row))
    Console().print(drawn)


@contextmanager
def listening() -> Iterator[None]:
    """Shows the progress of everything inside: bars on a terminal, lines with seconds otherwise."""
    sink = _Bars() if sys.stdout.isatty() else _Lines()
    progress.install(sink)
    sink.open()
    try:
        yield
    finally:
        progress.install(None)
        sink.close()


class _Lines:
    """One line when a step begins, when it ends, and now and then between."""

    def __init__(self) -> None:
        self._begin = time.perf_counter()
        self._told: dict[str, float] = {}

    def open(self) -> None: ...
    def close(self) -> None: ...

    def _line(self, text: str) -> None:
        print(f"{time.perf_counter() - self._begin:7.1f} s  {text}", flush=True)

    def started(self, name: str) -> None:
        self._told[name] = time.perf_counter()
        self._line(f"{name} ...")

    def advanced(self, name: str, done: int, total: int) -> None:
        now = time.perf_counter()
        if now - self._told.get(name, self._begin) >= PATIENCE:
            self._told[name] = now
            self._line(f"{name}: {done}" + (f" of {total}" if total else ""))

    def said(self, text: str) -> None:
        self._line(text)

    def finished(self, name: str, seconds: float, failed: bool) -> None:
        self._line(f"{name}: {'failed' if failed else 'done'} in {seconds:.1f} s")


class _Bars:
    """A bar for each step, with rich."""

    def __init__(self) -> None:
        from rich import progress as rich

        self._tasks: dict[str, TaskID] = {}
        self._bars: Progress = rich.Progress(
            rich.SpinnerColumn(finished_text=" "),
            rich.TextColumn("{task.description}"),
            rich.BarColumn(bar_width=30),
            rich.MofNCompleteColumn(),
            rich.TimeElapsedColumn(),
        )

    def open(self) -> None:
        self._bars.start()

    def close(self) -> None:
        self._bars.stop()

    def started(self, name: str) -> None:
        self._tasks[name] = self._bars.add_task(name, total=None)

    def advanced(self, name: str, done: int, total: int) -> None:
        if name not in self._tasks:
            self.started(name)
        self._bars.update(self._tasks[name], completed=done, total=total or None)

    def said(self, text: str) -> None:
        self._bars.console.print(text, markup=False, highlight=False)

    def finished(self, name: str, seconds: float, failed: bool) -> None:
        task = self._tasks.pop(name)
        shown = next((t for t in self._bars.tasks if t.id == task), None)
        total = (shown.total if shown else None) or 1
        if failed:
            self._bars.update(task, description=f"{name}: failed", total=total)
            self._bars.stop_task(task)
        else:
            self._bars.update(task, completed=total, total=total)
