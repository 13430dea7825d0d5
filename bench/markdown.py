"""Results as part of docs/benchmarks.md. Belongs here: tables as Markdown between a pair of comments, one pair
a size, one for Spark. Does not belong here: measuring, or the words around the tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench import machine
from bench.report import Report, claims_table
from dagster_project.cli.terminal import Table


def write(path: Path, name: str, report: Report) -> None:
    """Puts a report between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`, or at the end when they are not
    there yet; everything else in the file stays."""
    begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    text = path.read_text() if path.exists() else ""
    section = f"{begin}\n{as_markdown(report)}\n{end}"
    if begin in text and end in text:
        before, after = text.split(begin)[0], text.split(end)[1]
        path.write_text(before + section + after)
    else:
        path.write_text(f"{text.rstrip()}\n\n{section}\n".lstrip())


def as_markdown(report: Report) -> str:
    """The machine, the claims and all tables."""
    facts = "; ".join(f"{name} {value}" for name, value in machine.describe())
    parts = [f"{facts}; load {machine.load()}."]
    claims = [claims_table(report.claims)] if report.claims else []
    parts += [_table(one) for one in (*claims, *report.tables)]
    parts += [f"- {trouble}" for trouble in (*report.troubles, *report.notes)]
    return "\n\n".join(parts)


def _table(table: Table) -> str:
    lines = [f"**{table.title}**", "", _line(table.headers), _line(["---"] * len(table.headers))]
    return "\n".join([*lines, *(_line([_cell(value) for value in row]) for row in table.rows)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}"
    return (
        f"{value:,}".replace(",", " ") if isinstance(value, int) else str(value).replace("|", "/")
    )
