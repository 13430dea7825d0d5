"""The report of a published build: one HTML file that anyone can open, print and send. Belongs here: the order
of its sections. Does not belong here: their content (`sections/`), their looks (`page.py`, `charts.py`), files
(`files.py`).

It is made after publication and depends on the served file alone: no clock, no network, no script, no personal
data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dagster_project.report import files
from dagster_project.report.page import document
from dagster_project.report.reading import opened
from dagster_project.report.sections import (
    buyers,
    diagnostics,
    headline,
    moves,
    outlook,
    quality,
    revenue_outlook,
    stages,
    value,
)
from dagster_project.report.sections.diagnostics import Picture

# The served tables that the report reads.
TABLES = tuple(
    dict.fromkeys(
        table
        for module in (
            headline,
            stages,
            moves,
            outlook,
            revenue_outlook,
            buyers,
            value,
            diagnostics,
            quality,
        )
        for table in module.TABLES
    )
)


@dataclass(frozen=True)
class Report:
    """A report, and its diagnostic plots of lifetime value by diagnostic."""

    build_id: str
    html: str
    pictures: dict[str, Picture]


def make_report(served_file: Path) -> Report:
    """The report of a served file. Raises UserError when the file cannot be read."""
    with opened(served_file) as served:
        drawn = diagnostics.pictures(served)
        sections = [
            headline.section(served),
            stages.section(served),
            moves.moves(served),
            moves.funnel(served),
            outlook.section(served),
            revenue_outlook.section(served),
            buyers.cohorts(served),
            buyers.segments(served),
            value.section(served),
            diagnostics.section(drawn),
            quality.section(served),
        ]
        build = served.build
    lead = (
        "Where customers are, how they got there, what they are worth and what to expect."
        f" Times are UTC, days and months those of {build.get('reporting_timezone', 'UTC')}."
        " Customers are counted; none is named."
    )
    html = document(f"Customer lifecycle, {build['as_of']}", lead, sections)
    return Report(str(build["build_id"]), html, drawn)


def write_report(served_file: Path, reports: Path) -> tuple[Report, Path]:
    """Makes the report of a served file and writes it. Raises UserError when either fails."""
    report = make_report(served_file)
    return report, files.write(reports, report.build_id, report.html)
