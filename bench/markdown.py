"""Results as part of docs/benchmarks.md. Belongs here: tables as Markdown between a pair of comments, one pair
a size, one for Spark. Does not belong here: measuring, or the text around the tables."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from bench import machine
from bench.report import Report, claims_table
from dagster_project.cli.terminal import Table

WIDTH = 120
# A table of so many columns and more than so many rows is written as a list, to keep the page short.
LIST_COLUMNS, LIST_ROWS = 3, 20


def write(path: Path, name: str, report: Report) -> None:
    """Puts a report between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`, or at the end when they are not
    there yet; everything else in the file is kept."""
    begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    text = path.read_text() if path.exists() else ""
    section = f"{begin}\n{as_markdown(report)}\n{end}"
    if begin in text and end in text:
        before, after = text.split(begin)[0], text.split(end)[1]
        path.write_text(before + section + after)
    else:
        path.write_text(f"{text.rstrip()}\n\n{section}\n".lstrip())


def as_markdown(report: Report) -> str:
    """The machine, the claims and all tables; no line is longer than WIDTH."""
    facts = "; ".join(f"{name} {value}" for name, value in machine.describe())
    parts = [_wrapped(f"{facts}; load {machine.load()}.")]
    claims = [claims_table(report.claims)] if report.claims else []
    parts += [_table(one) for one in (*claims, *report.tables)]
    parts += [_wrapped(f"- {note}", "  ") for note in (*report.troubles, *report.notes)]
    return "\n\n".join(parts)


def _table(table: Table) -> str:
    headers, rows = _without_repetition(
        list(table.headers), [[_cell(value) for value in row] for row in table.rows]
    )
    if len(headers) <= LIST_COLUMNS and len(rows) > LIST_ROWS:
        what = ", ".join(headers)
        listed = "; ".join(_item(row) for row in rows)
        return f"**{table.title}** ({what}):\n\n{_wrapped(listed)}."
    lines = [_line(headers), _line(["---"] * len(headers)), *map(_line, rows)]
    if max(map(len, lines)) > WIDTH:
        raise ValueError(f"A line of the table {table.title!r} is longer than {WIDTH} characters.")
    return "\n".join([f"**{table.title}**", "", *lines])


def _without_repetition(
    headers: list[str], rows: list[list[str]]
) -> tuple[list[str], list[list[str]]]:
    """A long table's columns that hold what the column before them holds are merged with it."""
    if len(rows) <= LIST_ROWS:
        return headers, rows
    columns = [[row[number] for row in rows] for number in range(len(headers))]
    merged: list[tuple[str, list[str]]] = []
    for header, column in zip(headers, columns, strict=True):
        if merged and merged[-1][1] == column:
            merged[-1] = (f"{merged[-1][0]} = {header}", column)
        elif any(column):
            merged.append((header, column))
    return [header for header, _ in merged], [
        list(row) for row in zip(*(column for _, column in merged), strict=True)
    ]


def _item(row: Sequence[str]) -> str:
    name, value, *more = row
    return " ".join([name.strip(), value, *(f"({each})" for each in more)])


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}"
    return (
        f"{value:,}".replace(",", " ") if isinstance(value, int) else str(value).replace("|", "/")
    )
