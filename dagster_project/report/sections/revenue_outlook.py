"""Revenue in the coming months: of today's customers, of those to come, and of all. Does not belong here:
stages (`outlook.py`), or the value of single customers (`value.py`)."""

from __future__ import annotations

from dagster_project.report import charts
from dagster_project.report.page import Section, figure, month, paragraph, percent, table
from dagster_project.report.reading import Row, Served
from dagster_project.report.sections.forecast_words import method_in_words, reason_in_words

TABLES = ("value.rpt_revenue_forecast", "value.rpt_revenue_forecast_backtest")
PARTS = {
    "all": "All",
    "todays_customers": "Today's customers",
    "new_customers": "Customers to come",
}


def section(served: Served) -> Section:
    """Expected net revenue by month and in sum, with intervals, or why there is no number."""
    name, title = "revenue_outlook", "Revenue in the coming months"
    found = served.rows("from value.rpt_revenue_forecast order by part, month")
    published = [row for row in found if row["expected_revenue"] is not None]
    summed = [row for row in found if row["cumulative_expected_revenue"] is not None]
    if not published and not summed:
        reasons = sorted({row["reason_code"] for row in found}) or ["history_too_short"]
        why = "; ".join(map(reason_in_words, reasons))
        return Section(name, title, paragraph(f"No forecast of revenue: {why}.", "none"))
    intro = paragraph(
        "Net revenue by the method that forecast best at the ends of past months. Today's customers are those"
        " who bought until the end of the last whole month. The shaded band should hold the actual revenue 8"
        " times in 10; the interval of a sum is learned from sums and is not the sum of the months' intervals."
    )
    body = _drawn(served, published) if published else ""
    return Section(name, title, intro + body + _sums(served, found) + _record(served, found))


def _drawn(served: Served, published: list[Row]) -> str:
    points = [
        {
            "month": month(row["month"]),
            "label": PARTS[row["part"]],
            "expected": float(row["expected_revenue"]),
            "low": float(row["revenue_low"]),
            "high": float(row["revenue_high"]),
        }
        for row in published
    ]
    shown = {point["label"] for point in points}
    return figure(
        charts.lines(
            points,
            x="month",
            y="expected",
            series="label",
            order=[label for label in PARTS.values() if label in shown],
            band=("low", "high"),
            x_title="month",
            y_title=f"net revenue ({served.currency})",
            marks=len({point["month"] for point in points}) == 1,
        ),
        "Net revenue expected in the coming months, with bands that should hold 8 times in 10.",
    )


def _sums(served: Served, found: list[Row]) -> str:
    rows: list[tuple[object, ...]] = []
    for part, label in PARTS.items():
        own = [row for row in found if row["part"] == part]
        summed = [row for row in own if row["cumulative_expected_revenue"] is not None]
        if not summed:
            reason = reason_in_words(own[0]["cumulative_reason_code"])
            rows.append((label, None, None, None, None, reason))
            continue
        last = summed[-1]
        rows.append(
            (
                *(label, month(last["month"]), last["cumulative_expected_revenue"]),
                *(last["cumulative_low"], last["cumulative_high"], ""),
            )
        )
    return table(
        f"Net revenue from the first month on ({served.currency})",
        ["Customers", "Until", "Expected", "At least", "At most", "Why there is no number"],
        rows,
    )


def _record(served: Served, found: list[Row]) -> str:
    method = next(row["method"] for row in found if row["method"] is not None)
    past = served.rows(
        """
        select
            part,
            count(is_within_interval) as n,
            avg(is_within_interval::int) as held,
            avg(is_within_cumulative_interval::int) as sums_held
        from value.rpt_revenue_forecast_backtest
        group by part
        """
    )
    held = {row["part"]: row for row in past}
    shares = "; ".join(
        f"{PARTS[part].lower()}: months {percent(row['held'], 0)}, sums {percent(row['sums_held'], 0)}"
        for part in PARTS
        if (row := held.get(part))
    )
    return paragraph(
        f"Method: {method_in_words(method)}. At past month-ends the intervals held what happened in these"
        f" shares of the forecasts: {shares}.",
        "note",
    )
