"""Forecasts of the stages in the coming months. Does not belong here: revenue (`revenue_outlook.py`), or
value (`value.py`)."""

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
from dagster_project.report.reading import Row, Served, Stage
from dagster_project.report.sections.forecast_words import method_in_words, reason_in_words
from dagster_project.report.sections.stages import title

TABLES = (
    "core.dim_lifecycle_stages",
    "lifecycle.rpt_stage_forecast",
    "lifecycle.rpt_stage_forecast_backtest",
)


def section(served: Served) -> Section:
    """Expected customers per stage, with an interval, or why there is no number; and how good the method
    was."""
    intro = paragraph(
        "The number of customers in each stage, by the method that forecast best at the ends of past months,"
        " even where that is a simple guess. The shaded band should hold the actual number 8 times in 10. A"
        " stage is left out where the method did not earn it."
    )
    body = "".join(subtitle(title(code)) + _lifecycle(served, code) for code in served.lifecycles)
    return Section("outlook", "Stages in the coming months", intro + body)


def _lifecycle(served: Served, lifecycle: str) -> str:
    found = served.rows(
        f"""
        select
            stage, month, method, reason_code,
            round(expected_customer_count)::bigint as expected,
            round(expected_customer_count_low)::bigint as low,
            round(expected_customer_count_high)::bigint as high
        from lifecycle.rpt_stage_forecast
        where lifecycle = '{lifecycle}'
        order by month, stage
        """
    )
    stages = served.lifecycles[lifecycle]
    if not found:
        return paragraph("No forecast: too few whole months have been seen so far.", "none")
    published = [row for row in found if row["reason_code"] == "forecast"]
    if not published:
        why = "; ".join(map(reason_in_words, sorted({row["reason_code"] for row in found})))
        return paragraph(f"No forecast: {why}.", "none")
    return _drawn(served, lifecycle, published) + _numbers(stages, found, published)


def _drawn(served: Served, lifecycle: str, published: list[Row]) -> str:
    points = [
        {**row, "month": month(row["month"]), "label": served.label(lifecycle, row["stage"])}
        for row in published
    ]
    shown = {row["stage"] for row in published}
    stages = [stage for stage in served.lifecycles[lifecycle] if stage.code in shown]
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
            marks=len({row["month"] for row in published}) == 1,
        ),
        "Customers expected in each stage at the end of the coming months, with bands that should hold"
        " 8 times in 10.",
    )
    return drawn + _record(served, lifecycle, published[0]["method"])


def _numbers(stages: list[Stage], found: list[Row], published: list[Row]) -> str:
    last = published[-1]["month"]
    by_stage = {(row["stage"], row["month"]): row for row in found}
    ends = [(stage, by_stage[stage.code, last]) for stage in stages]
    shown = table(
        f"Expected at the end of {month(last)}",
        ["Stage", "Czech", "Expected", "At least", "At most", "Why there is no number"],
        [
            (
                *(stage.english, stage.czech, end["expected"], end["low"], end["high"]),
                "" if end["expected"] is not None else reason_in_words(end["reason_code"]),
            )
            for stage, end in ends
        ],
    )
    series = table(
        "Expected customers at the end of the month",
        ["Month", *(stage.english for stage in stages)],
        [
            (month(day), *(by_stage[stage.code, day]["expected"] for stage in stages))
            for day in sorted({row["month"] for row in published})
        ],
    )
    later = sorted({row["month"] for row in found} - {row["month"] for row in published})
    more = (
        paragraph(
            f"From {month(later[0])} on: {reason_in_words('horizon_not_backtested')}.", "note"
        )
        if later
        else ""
    )
    return shown + more + folded("The numbers, by month", series)


def _record(served: Served, lifecycle: str, method: str) -> str:
    past = served.row(
        f"""
        select
            count(*) as n,
            avg(is_within_interval::int) as held,
            avg(abs(forecast_error)) as missed_by,
            avg(abs(no_change_error)) as no_change_missed_by
        from lifecycle.rpt_stage_forecast_backtest
        where lifecycle = '{lifecycle}'
        """
    )
    return paragraph(
        f"Method: {method_in_words(method)}. At past month-ends the band held the actual number in"
        f" {percent(past['held'], 0)} of {past['n']} forecasts. They missed it by {past['missed_by']:.0f}"
        f" customers on average; \N{LEFT DOUBLE QUOTATION MARK}nothing changes\N{RIGHT DOUBLE QUOTATION MARK}"
        f" would have missed it by {past['no_change_missed_by']:.0f}.",
        "note",
    )
