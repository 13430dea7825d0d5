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
LIST_COLUMNS, LIST_ROWS = 3, 8
UNBROKEN = "\0"  # stands for a space where a line must not end


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
    rows = [[_cell(value) for value in row] for row in table.rows]
    if len(rows) > LIST_ROWS:
        columns, same = _columns(table.headers, rows)
        if len(columns) <= LIST_COLUMNS:
            items = map(_item, zip(*columns.values(), strict=True))
            listed = "; ".join(item.replace(" ", UNBROKEN) for item in items)
            title = f"**{table.title}** ({', '.join([*columns, *same])}):"
            return f"{_wrapped(title)}\n\n{_wrapped(f'{listed}.').replace(UNBROKEN, ' ')}"
    lines = [_line(table.headers), _line(["---"] * len(table.headers)), *map(_line, rows)]
    if max(map(len, lines)) > WIDTH:
        raise ValueError(f"A line of the table {table.title!r} is longer than {WIDTH} characters.")
    return "\n".join([f"**{table.title}**", "", *lines])


def _columns(
    headers: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """The columns by header, without repetition, and what is the same in every row. A column that equals the
    one before it is merged with it."""
    columns: dict[str, tuple[str, ...]] = {}
    same: list[str] = []
    for header, column in zip(headers, zip(*rows, strict=True), strict=True):
        last = next(reversed(columns), "")
        if columns and columns[last] == column:
            columns[f"{last} = {header}"] = columns.pop(last)
        elif len(set(column)) > 1:
            columns[header] = column
        elif column[0]:
            same.append(f"{header} {column[0]} in every row")
    return columns, same


def _item(row: Sequence[str]) -> str:
    name, *values = row
    return " ".join([name.strip(), *values[:1], *(f"({each})" for each in values[1:])])


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
