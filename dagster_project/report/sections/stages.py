"""Customers per stage, now and over time. Does not belong here: how they moved (`moves.py`)."""

from __future__ import annotations

from datetime import timedelta

from dagster_project.report import charts
from dagster_project.report.page import (
    Section,
    Share,
    figure,
    folded,
    month,
    paragraph,
    subtitle,
    table,
)
from dagster_project.report.reading import Served

TABLES = ("core.dim_lifecycle_stages", "lifecycle.fct_lifecycle_stages_daily", "meta.build_info")
NAMES = {
    "relationship": "Relationship: how far the customer's buying has come",
    "journey": "Journey: how far the customer has come through the funnel",
}


def section(served: Served) -> Section:
    """Customers per stage of every lifecycle."""
    body = "".join(_lifecycle(served, code) for code in served.lifecycles)
    return Section("stages", "Customers per stage", body)


def title(lifecycle: str) -> str:
    """A lifecycle's name in headings."""
    return NAMES.get(lifecycle, f"Lifecycle {lifecycle}")


def _lifecycle(served: Served, lifecycle: str) -> str:
    stages = served.lifecycles[lifecycle]
    last_day = served.build["as_of"] - timedelta(days=1)
    daily = served.rows(
        f"""
        select stage, date, customer_count
        from lifecycle.fct_lifecycle_stages_daily
        where lifecycle = '{lifecycle}'
            and (extract(isodow from date) = 7 or date = date '{last_day}')
        order by date, stage
        """
    )
    now = {row["stage"]: row["customer_count"] for row in daily if row["date"] == last_day}
    total = sum(now.values())
    if not total:
        return subtitle(title(lifecycle)) + paragraph("No customers are known yet.", "none")
    points = [
        {
            "day": row["date"],
            "stage": served.label(lifecycle, row["stage"]),
            "n": row["customer_count"],
        }
        for row in daily
    ]
    largest = max(stages, key=lambda stage: now[stage.code])
    drawn = figure(
        charts.lines(
            points,
            x="day",
            y="n",
            series="stage",
            order=[stage.english for stage in stages],
            x_title="end of week",
            y_title="customers",
        ),
        f"Customers in each stage at the end of every week. Most are now in"
        f" “{largest.english}”: {now[largest.code]} of {total}.",
    )
    current = table(
        f"Customers per stage on {last_day}",
        ["Stage", "Czech", "The customer…", "Customers", "Share"],
        [
            (s.english, s.czech, s.description, now[s.code], Share(now[s.code] / total))
            for s in stages
        ],
    )
    return subtitle(title(lifecycle)) + current + drawn + _by_month(served, lifecycle)


def _by_month(served: Served, lifecycle: str) -> str:
    stages = served.lifecycles[lifecycle]
    rows = served.rows(
        f"""
        select date, stage, customer_count
        from lifecycle.fct_lifecycle_stages_daily
        where lifecycle = '{lifecycle}' and date = last_day(date)
        order by date, stage
        """
    )
    months: dict[str, dict[str, int]] = {}
    for row in rows:
        months.setdefault(month(row["date"]), {})[row["stage"]] = row["customer_count"]
    if not months:
        return ""
    counts = table(
        "Customers at the end of the month",
        ["Month", *(stage.english for stage in stages)],
        [(name, *(found[stage.code] for stage in stages)) for name, found in months.items()],
    )
    return folded("The numbers, by month", counts)
