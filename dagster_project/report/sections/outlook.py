"""Forecasts of the stages in the coming months. Does not belong here: value (`value.py`)."""

from __future__ import annotations

from dagster_project.report import charts
from dagster_project.report.page import (
    Section,
    figure,
    folded,
    month,
    paragraph,
    percent,
    subtitle,
    table,
)
from dagster_project.report.reading import Served
from dagster_project.report.sections.stages import title

TABLES = (
    "core.dim_lifecycle_stages",
    "lifecycle.rpt_stage_forecast",
    "lifecycle.rpt_stage_forecast_backtest",
)


def section(served: Served) -> Section:
    """Expected customers per stage, with an interval, and how good earlier forecasts were."""
    intro = paragraph(
        "The number of customers in each stage if they go on moving as they did lately. The shaded band"
        " should hold the actual number 8 times in 10. Seasons and campaigns are not in the forecast."
    )
    body = "".join(subtitle(title(code)) + _lifecycle(served, code) for code in served.lifecycles)
    return Section("outlook", "Stages in the coming months", intro + body)


def _lifecycle(served: Served, lifecycle: str) -> str:
    found = served.rows(
        f"""
        select
            stage, month,
            round(expected_customer_count)::bigint as expected,
            round(expected_customer_count_low)::bigint as low,
            round(expected_customer_count_high)::bigint as high
        from lifecycle.rpt_stage_forecast
        where lifecycle = '{lifecycle}'
        order by month, stage
        """
    )
    if not found:
        return paragraph("No forecast: too few whole months have been seen so far.", "none")
    stages = served.lifecycles[lifecycle]
    points = [
        {**row, "month": month(row["month"]), "label": served.label(lifecycle, row["stage"])}
        for row in found
    ]
    last = found[-1]["month"]
    ends = {row["stage"]: row for row in found if row["month"] == last}
    drawn = figure(
        charts.lines(
            points,
            x="month",
            y="expected",
            series="label",
            order=[stage.english for stage in stages],
            band=("low", "high"),
            x_title="end of month",
            y_title="customers expected",
        ),
        "Customers expected in each stage at the end of the coming months, with bands that should hold"
        " 8 times in 10.",
    )
    months = sorted({row["month"] for row in found})
    by_stage = {(row["stage"], row["month"]): row for row in found}
    shown = table(
        f"Expected at the end of {month(last)}",
        ["Stage", "Czech", "Expected", "At least", "At most"],
        [
            (s.english, s.czech, e["expected"], e["low"], e["high"])
            for s in stages
            if (e := ends.get(s.code))
        ],
    )
    series = table(
        "Expected customers at the end of the month",
        ["Month", *(stage.english for stage in stages)],
        [(month(day), *(by_stage[s.code, day]["expected"] for s in stages)) for day in months],
    )
    return drawn + shown + _record(served, lifecycle) + folded("The numbers, by month", series)


def _record(served: Served, lifecycle: str) -> str:
    past = served.row(
        f"""
        select count(*) as n, avg(is_within_interval::int) as held
        from lifecycle.rpt_stage_forecast_backtest
        where lifecycle = '{lifecycle}'
        """
    )
    if not past["n"]:
        return ""
    return paragraph(
        f"With the same method at earlier month ends, the band held the actual number in"
        f" {percent(past['held'], 0)} of {past['n']} forecasts.",
        "note",
    )
