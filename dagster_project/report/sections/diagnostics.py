"""The four plots that show whether forecasts of value hold: tracking, calibration, lift, and the chance of
being alive. Does not belong here: how their points are computed (`lifetime_value/plots.py`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dagster_project.report import charts
from dagster_project.report.page import (
    Section,
    figure,
    folded,
    paragraph,
    percent,
    subtitle,
    table,
)
from dagster_project.report.reading import Row, Served
from dagster_project.report.sections.value import family

TABLES = ("value.rpt_lifetime_value_diagnostics", "value.lifetime_value_models")


@dataclass(frozen=True)
class Picture:
    """One diagnostic: its chart (SVG), a description of the chart, and its points as an HTML table."""

    title: str
    svg: str
    words: str
    points: str


def pictures(served: Served) -> dict[str, Picture]:
    """The champion's plots, by diagnostic; a diagnostic without points is left out."""
    found = served.rows(
        """
        select points.diagnostic, points.family, points.position, points.expected, points.actual
        from value.rpt_lifetime_value_diagnostics as points
        inner join value.lifetime_value_models as models
            on models.family = points.family and models.is_champion
        order by points.diagnostic, points.family, points.point_number
        """
    )
    drawn = {}
    for name, draw in DRAWN.items():
        points = [row for row in found if row["diagnostic"] == name]
        if points:
            drawn[name] = draw(points)
    return drawn


def section(drawn: dict[str, Picture]) -> Section:
    """The plots, each with a sentence on how to read it."""
    name, title = "diagnostics", "Can the predicted value be trusted?"
    if not drawn:
        none = "No plots: no model is champion (see “Value to come”), or none could be fitted."
        return Section(name, title, paragraph(none, "none"))
    body = "".join(
        subtitle(picture.title)
        + figure(picture.svg, picture.words)
        + folded("The numbers", picture.points)
        for picture in drawn.values()
    )
    return Section(name, title, body)


def _both(points: list[Row], x: str, expected: str, actual: str) -> list[Row]:
    return [
        {x: row["position"], "value": row[column], "series": label}
        for column, label in (("expected", expected), ("actual", actual))
        for row in points
    ]


def _tracking(points: list[Row]) -> Picture:
    weekly, before = [], {"expected": 0.0, "actual": 0.0}
    for row in points:
        weekly.append(
            {**row, **{name: row[name] - before[name] for name in before}, "sum": row["expected"],
             "actual_sum": row["actual"]}
        )  # fmt: skip
        before = {name: row[name] for name in before}
    last = points[-1]
    svg = charts.lines(
        _both(weekly, "week", "expected", "came"),
        x="week",
        y="value",
        series="series",
        order=["expected", "came"],
        x_title="week after the end of what the model had seen",
        y_title="repeat purchase days",
    )
    return Picture(
        "Repeat purchases by week",
        svg,
        f"Repeat purchase days per week, expected by {family(last['family'])} and actual. After"
        f" {last['position']:.0f} weeks, {last['expected']:.0f} were expected and {last['actual']:.0f}"
        " happened. A growing gap means that the model misses a trend; a single peak is a season.",
        table(
            "Repeat purchase days",
            ["Week", "Expected", "Actual", "Expected so far", "Actual so far"],
            [
                (
                    int(r["position"]),
                    r["expected"],
                    int(r["actual"]),
                    r["sum"],
                    int(r["actual_sum"]),
                )
                for r in weekly
            ],
        ),
    )


def _calibration(points: list[Row]) -> Picture:
    svg = charts.lines(
        [{"expected": row["expected"], "actual": row["actual"]} for row in points],
        x="expected",
        y="actual",
        x_title="predicted chance of buying in the holdout",
        y_title="share that bought",
        diagonal=True,
        percent=True,
        marks=True,
    )
    furthest = max(points, key=lambda row: abs(row["actual"] - row["expected"]))
    return Picture(
        "Do chances come true?",
        svg,
        "Customers grouped by their predicted chance of buying, and the share of each group that bought."
        " On the dashed line forecasts are right. In the group furthest from it, the predicted chance was"
        f" {percent(furthest['expected'], 0)}, and {percent(furthest['actual'], 0)} bought. Groups at the"
        " right end are small.",
        table(
            "Groups by predicted chance",
            ["Group", "Predicted", "Bought"],
            [
                (number, percent(row["expected"]), percent(row["actual"]))
                for number, row in enumerate(points, start=1)
            ],
        ),
    )


def _lift(points: list[Row]) -> Picture:
    svg = charts.lines(
        _both(points, "tenth", "expected", "came"),
        x="tenth",
        y="value",
        series="series",
        order=["expected", "came"],
        x_title="tenth of the customers, best predicted first",
        y_title="purchase days per customer",
        marks=True,
    )
    everybody = sum(row["actual"] for row in points) / len(points)
    times = points[0]["actual"] / everybody if everybody else 0.0
    return Picture(
        "Are the best customers found?",
        svg,
        "Customers in ten groups of equal size, from the highest forecast down: purchase days per customer,"
        f" expected and actual. The first tenth bought {times:.1f} times as often as the average customer.",
        table(
            "Purchase days per customer",
            ["Tenth", "Expected", "Came"],
            [
                (int(row["position"]), f"{row['expected']:.2f}", f"{row['actual']:.2f}")
                for row in points
            ],
        ),
    )


def _alive(points: list[Row]) -> Picture:
    curves = sorted({int(row["actual"]) for row in points})
    names = {
        count: f"{count} repeat purchase {'day' if count == 1 else 'days'}" for count in curves
    }
    svg = charts.lines(
        [
            {"days": row["position"], "chance": row["expected"], "curve": names[int(row["actual"])]}
            for row in points
        ],
        x="days",
        y="chance",
        series="curve",
        order=list(names.values()),
        x_title="days since the last purchase",
        y_title="chance of being alive",
        percent=True,
    )
    days = sorted({row["position"] for row in points})
    chances = {(row["position"], int(row["actual"])): row["expected"] for row in points}
    return Picture(
        "When is a customer probably gone?",
        svg,
        "Chance that a customer who first bought two years ago is still alive, by days since the last"
        " purchase, with one line per number of repeat purchase days. The more often a customer bought, the"
        " sooner silence means that they have left.",
        table(
            "Chance of being alive",
            ["Days since", *names.values()],
            [
                (int(day), *(percent(chances.get((day, count)), 0) for count in curves))
                for day in days
                if day % 30 == 0
            ],
        ),
    )


DRAWN: dict[str, Callable[[list[Row]], Picture]] = {
    "tracking": _tracking,
    "calibration": _calibration,
    "lift": _lift,
    "alive": _alive,
}
