"""Tables and lists as a person sees them. Belongs here: their looks, on a terminal (with rich) and in a file
or pipe (plain lines). Does not belong here: what is shown (`summary.py`, the commands), or progress
(`bars.py`)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

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

    drawn = RichTable(
        title=f"\n{table.title}", title_justify="left", box=box.SIMPLE_HEAD, show_edge=False
    )
    for column, header in enumerate(table.headers):
        side: Literal["right", "left"] = "right" if _is_number(table, column) else "left"
        drawn.add_column(header, justify=side, overflow="fold")  # a path is cut nowhere
    for row in table.rows:
        drawn.add_row(*(Text(cell(value), COLOURS.get(str(value), "")) for value in row))
    Console().print(drawn)
