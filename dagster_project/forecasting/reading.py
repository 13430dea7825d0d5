"""What forecasts are made from, read as arrays. Belongs here: queries of what dbt counted, in SQL that every
engine of the models supports. Does not belong here: counting, or which engine it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from dagster_project.forecasting.asking import Ask
from dagster_project.forecasting.revenue import Cohorts
from dagster_project.forecasting.spells import NOWHERE, Spells


@dataclass(frozen=True)
class Settings:
    """The thresholds that forecasts use: whole months that the first origin knows, and months ahead."""

    minimum_months: int
    horizon: int


@dataclass(frozen=True, eq=False)
class Lifecycle:
    """The customers of one lifecycle.

    Attributes:
        name: its code.
        stages: codes of its stages.
        spells: its customers; None before the first whole month with one.
    """

    name: str
    stages: Sequence[str]
    spells: Spells | None


def settings(ask: Ask) -> Settings:
    """The thresholds of the current build."""
    [found] = ask(
        "select forecast_minimum_months, forecast_horizon_months from intermediate.int_thresholds"
    ).to_pylist()
    return Settings(int(found["forecast_minimum_months"]), int(found["forecast_horizon_months"]))


def last_whole_month(as_of: date) -> date:
    """The first day of the month before that of as_of."""
    return month_after(as_of, -1)


def month_after(day: date, months: int) -> date:
    """The first day of the month so many months after that of a day."""
    number = _number(day) + months
    return date(number // 12, number % 12 + 1, 1)


def lifecycles(ask: Ask, origin: date) -> list[Lifecycle]:
    """Every lifecycle in use, with the customers up to the end of the month `origin`."""
    found: dict[str, list[str]] = {}
    for row in ask(
        "select lifecycle, stage from core.dim_lifecycle_stages order by lifecycle, rank"
    ).to_pylist():
        found.setdefault(row["lifecycle"], []).append(row["stage"])
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in found}
    for row in ask(
        "select lifecycle, stage, previous_stage, next_stage, first_month, last_month, customer_count"
        " from intermediate.int_stage_spells"
    ).to_pylist():
        if row["first_month"] <= origin:
            rows[row["lifecycle"]].append(row)
    return [
        Lifecycle(name, stages, _spells(rows[name], stages, origin) if rows[name] else None)
        for name, stages in found.items()
    ]


def cohorts(ask: Ask, origin: date) -> Cohorts | None:
    """Net revenue by cohort and month up to the month `origin`; None before the first whole month with an
    order."""
    rows = [
        row
        for row in ask(
            "select cohort_month, months_since_first_order, cohort_size, net_revenue"
            " from intermediate.int_cohort_months_counted"
            " order by cohort_month, months_since_first_order"
        ).to_pylist()
        if month_after(row["cohort_month"], row["months_since_first_order"]) <= origin
    ]
    if not rows:
        return None
    first = _number(rows[0]["cohort_month"])
    months = _number(origin) - first + 1
    revenue, customers = np.zeros((months, months)), np.zeros(months)
    for row in rows:
        cohort = _number(row["cohort_month"]) - first
        customers[cohort] = row["cohort_size"]
        revenue[cohort, cohort + row["months_since_first_order"]] = row["net_revenue"]
    return Cohorts(revenue, customers)


def _spells(rows: list[dict[str, Any]], stages: Sequence[str], origin: date) -> Spells:
    numbers = {stage: number for number, stage in enumerate(stages)}
    start = min(_number(row["first_month"]) for row in rows)
    end = _number(origin) - start
    last = np.array([_number(row["last_month"]) - start for row in rows])
    following = np.array([numbers.get(row["next_stage"], NOWHERE) for row in rows])
    return Spells(
        stages=len(stages),
        months=end + 1,
        stage=np.array([numbers[row["stage"]] for row in rows]),
        first=np.array([_number(row["first_month"]) - start for row in rows]),
        last=np.minimum(last, end),
        following=np.where(last < end, following, NOWHERE),
        is_new=np.array([row["previous_stage"] is None for row in rows]),
        count=np.array([float(row["customer_count"]) for row in rows]),
    )


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1
