"""Net revenue of the coming months: of today's customers, of those to come, and of all. Belongs here: the
candidates, each a forecast from what an origin knows. Does not belong here: which of them is published
(`gate.py`), or what counts as revenue (dbt).

A cohort is the customers whose first counted order was in a month. Today's customers are the cohorts up to
the origin. Every candidate forecasts both parts; all is their sum."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dagster_project.forecasting import arrivals, baselines
from dagster_project.forecasting.gate import Rolled
from dagster_project.forecasting.origins import origins, with_history
from dagster_project.forecasting.vocabulary import Candidate

Floats = NDArray[np.float64]
ALL, TODAYS, NEW = "all", "todays_customers", "new_customers"
PARTS = (ALL, TODAYS, NEW)
CUMULATIVE = "cumulative:"
CENTS = 2
KNOWN_CUSTOMERS = 50.0  # that the revenue per customer of one month less counts as
RECENT, YEAR = baselines.RECENT, baselines.YEAR


@dataclass(frozen=True, eq=False)
class Cohorts:
    """Net revenue by cohort and month; month 0 is that of the first cohort.

    Attributes:
        revenue: (cohorts, months), 0 before the cohort's first order.
        customers: (cohorts) size of each cohort.
    """

    revenue: Floats
    customers: Floats

    @property
    def months(self) -> int:
        """Number of whole months, and of cohorts."""
        return len(self.customers)

    @cached_property
    def total(self) -> Floats:
        """(months) net revenue of all customers."""
        found: Floats = self.revenue.sum(axis=0)
        return found

    @cached_property
    def by_age(self) -> tuple[Floats, Floats]:
        """(months, ages) net revenue and customers of the cohort whose first order was so many months
        before."""
        revenue, customers = np.zeros((2, self.months, self.months))
        for month in range(self.months):
            revenue[month, : month + 1] = self.revenue[month::-1, month]
            customers[month, : month + 1] = self.customers[month::-1]
        return revenue, customers


def guessed(guess: baselines.Guess) -> Callable[[Cohorts, int, int], Floats]:
    """A baseline of all revenue, split as lately: so many months after an origin, the share of the revenue
    that came from its customers was, on average over the last three months, so large."""

    def forecast(cohorts: Cohorts, origin: int, horizon: int) -> Floats:
        total = guess(cohorts.total[None, : origin + 1], horizon)[0]
        share = np.ones(horizon)
        last = 1.0
        for ahead in range(1, horizon + 1):
            months = range(max(origin - RECENT + 1, ahead), origin + 1)
            whole = sum(cohorts.total[month] for month in months)
            if whole > 0:
                known = sum(cohorts.revenue[: month - ahead + 1, month].sum() for month in months)
                last = min(max(known / whole, 0.0), last)
            share[ahead - 1] = last
        return np.stack([total * share, total * (1 - share)])

    return forecast


def by_cohort(coming: arrivals.Arrivals) -> Callable[[Cohorts, int, int], Floats]:
    """Cohort curves: revenue per customer by months since the first order, over the last year; that of
    today's customers at their level of the last three months against the curve."""

    def forecast(cohorts: Cohorts, origin: int, horizon: int) -> Floats:
        curve = _curve(cohorts, origin, horizon)
        ages = np.arange(origin + 1)
        sizes = cohorts.customers[origin::-1]
        today = np.array([sizes @ curve[ages + ahead] for ahead in range(1, horizon + 1)])
        customers = np.maximum(coming(cohorts.customers[None, : origin + 1], horizon)[0], 0.0)
        new = np.convolve(customers, curve[:horizon])[:horizon]
        return np.stack([today * _level(cohorts, origin, curve), new])

    return forecast


def _curve(cohorts: Cohorts, origin: int, horizon: int) -> Floats:
    """Revenue per customer by age, each drawn towards that of one month less; the last known one goes on."""
    learned = slice(max(origin - YEAR + 1, 0), origin + 1)
    revenue, customers = (part[learned, : origin + 1].sum(axis=0) for part in cohorts.by_age)
    curve = np.empty(origin + 1 + horizon)
    curve[0] = revenue[0] / max(customers[0], 1.0)
    drawn = revenue[1:].sum() / max(customers[1:].sum(), 1.0)
    for age in range(1, len(curve)):
        if age <= origin:
            drawn = (revenue[age] + KNOWN_CUSTOMERS * drawn) / (customers[age] + KNOWN_CUSTOMERS)
        curve[age] = drawn
    return curve


def _level(cohorts: Cohorts, origin: int, curve: Floats) -> float:
    recent = slice(max(origin - RECENT + 1, 1), origin + 1)
    revenue, customers = (part[recent, 1 : origin + 1] for part in cohorts.by_age)
    by_curve, actual = float((customers @ curve[1 : origin + 1]).sum()), float(revenue.sum())
    return actual / by_curve if by_curve > 0 and actual > 0 else 1.0


CANDIDATES: Mapping[Candidate, Callable[[Cohorts, int, int], Floats]] = {
    **{candidate: guessed(guess) for candidate, guess in baselines.FLOWS.items()},
    Candidate("cohorts", False): by_cohort(baselines.year_mean),
    Candidate("cohorts_recent", False): by_cohort(baselines.recent_mean),
    Candidate("cohorts_trend", False): by_cohort(arrivals.trend),
    Candidate("cohorts_fading", False): by_cohort(arrivals.fading),
    Candidate("cohorts_season", False, 2 * YEAR): by_cohort(arrivals.season),
}
"""The candidates, from the simplest to the most complex, and their forecasts (cohorts, origin, horizon): (2,
months ahead) of today's customers and of those to come."""


def rolled(cohorts: Cohorts, minimum_months: int, horizon: int) -> Rolled:
    """The forecasts of all candidates at the end of every month from `minimum_months` whole months on: the
    revenue of every month, and of all months from the first to it."""
    past = origins(cohorts.months, minimum_months)
    taking_part = with_history(CANDIDATES, cohorts.months, minimum_months)
    every = [*past, cohorts.months - 1]
    split = np.array(
        [
            [forecast(cohorts, origin, horizon).T for origin in every]
            for forecast in taking_part.values()
        ]
    )
    expected = _with_sums(np.round(split, CENTS))  # parts add up as they are served
    levels = np.broadcast_to(
        np.array([_size(cohorts.total[: origin + 1]) for origin in every])[None, :, None, None],
        expected.shape,
    )
    is_positive = bool((cohorts.total >= 0).all())
    return Rolled(
        candidates=list(taking_part),
        series=[*PARTS, *(CUMULATIVE + part for part in PARTS)],
        expected=expected[:, :-1],
        levels=levels[:, :-1],
        actual=_with_sums(_after(cohorts, past, horizon)),
        expected_now=expected[:, -1],
        levels_now=levels[:, -1],
        lowest=np.full(2 * len(PARTS), 0.0 if is_positive else -np.inf),
        chosen_by=list(PARTS),
        digits=CENTS,
    )


def _with_sums(split: Floats) -> Floats:
    """All, the two parts, and the same from the first month on, along the last axis; months ahead are the
    axis before it."""
    parts = np.concatenate([split.sum(axis=-1, keepdims=True), split], axis=-1)
    return np.concatenate([parts, np.cumsum(parts, axis=-2)], axis=-1)


def _after(cohorts: Cohorts, past: list[int], horizon: int) -> Floats:
    found = np.full((len(past), horizon, 2), np.nan)
    for row, origin in enumerate(past):
        months = slice(origin + 1, origin + 1 + horizon)
        known = cohorts.revenue[: origin + 1, months].sum(axis=0)
        found[row, : len(known), 0] = known
        found[row, : len(known), 1] = cohorts.revenue[origin + 1 :, months].sum(axis=0)
    return found


def _size(total: Floats) -> float:
    """What errors are proportional to: recent revenue a month, or a tenth of last year's where there was
    hardly any."""
    return max(
        float(np.abs(total[-RECENT:]).mean()), float(np.abs(total[-YEAR:]).mean()) / 10, 0.01
    )
