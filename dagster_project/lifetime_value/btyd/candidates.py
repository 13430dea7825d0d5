"""One candidate of a backtest: the split of the customers' history, and how well a fit up to the split
forecasts the holdout after it. Belongs here: the measures of one forecast. Does not belong here: how
frequency, recency and age are counted, or which candidate wins (`backtest.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dagster_project.lifetime_value.btyd import measures
from dagster_project.lifetime_value.btyd.cells import Cells, Floats, SpendCells, checked
from dagster_project.lifetime_value.btyd.fitting import Fit
from dagster_project.lifetime_value.btyd.revenue import (
    Demand,
    observed_line,
    revenue_at_most,
    spend_line,
)
from dagster_project.lifetime_value.btyd.vocabulary import Status

SAMPLE = 100_000  # customers whose outcome is compared with its forecast distribution
NAIVE = "naive"
ERRORS = ("mean_absolute_error", "root_mean_square_error")


def _nothing() -> Floats:
    return np.empty(0)


def _no_table() -> Floats:
    return np.empty((0, 3))


@dataclass(frozen=True, eq=False)
class Split:
    """A split of the history: the customers before it, one row each, and what they did in the holdout
    after it.

    Attributes:
        cells: history up to the split, one row per customer.
        horizon: length of the holdout, in the cells' unit of time.
        purchases: purchase days in the holdout.
        spend_frequency: purchase days that `monetary_value` is the mean of; empty where money is unknown.
        monetary_value: mean spend of these days; 0 where there is none.
        spent: money spent in the holdout.
    """

    cells: Cells
    horizon: float
    purchases: Floats
    spend_frequency: Floats = field(default_factory=_nothing)
    monetary_value: Floats = field(default_factory=_nothing)
    spent: Floats = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        for name in ("purchases", "spend_frequency", "monetary_value", "spent"):
            column = checked(name, getattr(self, name))
            object.__setattr__(self, name, column)
            may_be_absent = name != "purchases" and not len(column)
            if len(column) != len(self.cells) and not may_be_absent:
                raise ValueError(f"{name} has {len(column)} rows for {len(self.cells)} customers")
        if self.horizon <= 0:
            raise ValueError("the holdout must have a length")

    @cached_property
    def gathered(self) -> tuple[Cells, NDArray[np.intp]]:
        """Distinct histories, and which of them each customer has."""
        return self.cells.gathered()

    @property
    def has_money(self) -> bool:
        """Whether spend can be compared."""
        return len(self.spent) == len(self.spend_frequency) == len(self.cells) > 0

    def spend_cells(self) -> SpendCells:
        """The customers who spent before the split."""
        own = (self.spend_frequency > 0) & (self.monetary_value > 0)
        return SpendCells(self.spend_frequency[own], self.monetary_value[own])


@dataclass(frozen=True, eq=False)
class Result:
    """One candidate's result on the holdout.

    Attributes:
        family: the model, or `naive`.
        fit: the fit at the split; None for `naive`.
        measures: measures of the forecast of a customer's purchases in the holdout; empty where the
            fit failed. All have mean_absolute_error and root_mean_square_error, both also as
            relative_ (divided by the naive forecast's), aggregate_error and gini. Models also have
            active_calibration_error, coverage_80 and coverage_95; with money,
            spend_mean_absolute_error and spend_aggregate_error; with Gamma-Gamma,
            spend_coverage_80 and spend_coverage_95.
        calibration: forecast and actual share of active customers, see `measures.calibration`.
        lift: forecast and actual purchases by part, see `measures.lift`.
    """

    family: str
    fit: Fit | None
    measures: Mapping[str, float]
    calibration: Floats = field(default_factory=_no_table)
    lift: Floats = field(default_factory=_no_table)


def naive(split: Split) -> Result:
    """The naive forecast that a candidate must beat: the rate so far (frequency over age) times the
    horizon, and spend at the customer's mean so far."""
    rate = split.cells.frequency / np.maximum(split.cells.age, 1e-300)
    forecast = np.where(split.cells.frequency > 0, rate * split.horizon, 0.0)
    found = _of_purchases(forecast, split.purchases) | {f"relative_{name}": 1.0 for name in ERRORS}
    if split.has_money:
        found |= _of_spend(forecast * split.monetary_value, split.spent)
    return Result(NAIVE, None, found, lift=measures.lift(forecast, split.purchases))


def evaluated(done: Fit, split: Split, spend: Fit | None, baseline: Result, seed: int) -> Result:
    """How well a fit, made from the split's cells, forecasts the holdout."""
    if done.model is None or done.status is not Status.OK:
        return Result(done.family, done, {})
    model, parameters, horizon = done.model, done.parameters, split.horizon
    cells, back = split.gathered
    alive = model.probability_alive(parameters, cells)
    mean = alive * model.expected_if_alive(parameters, cells, horizon)
    active = model.counts(parameters, cells, horizon).at_least(np.ones(len(cells)))[back]
    forecast, happened = mean[back], (split.purchases > 0).astype(np.float64)
    found = _of_purchases(forecast, split.purchases)
    found |= {
        f"relative_{name}": found[name] / max(baseline.measures[name], 1e-300) for name in ERRORS
    }
    found["active_calibration_error"] = measures.calibration_error(active, happened)
    found |= _coverage(_placed(done, split, seed), "coverage")
    if split.has_money and spend is not None:
        is_modelled = spend.status is Status.OK
        line = (
            spend_line(spend.parameters, split.spend_frequency)
            if is_modelled
            else observed_line(split.spend_cells().mean_value, split.spend_frequency)
        )
        found |= _of_spend(forecast * line.at(split.monetary_value), split.spent)
        if is_modelled:
            pairs = (alive * model.pairs_if_alive(parameters, cells, horizon))[back]
            demand = Demand(forecast, pairs, active)
            found |= _coverage(_placed_spend(demand, split, spend, seed), "spend_coverage")
    table = measures.calibration(active, happened)
    return Result(done.family, done, found, table, measures.lift(forecast, split.purchases))


def _of_purchases(forecast: Floats, actual: Floats) -> dict[str, float]:
    return {
        "mean_absolute_error": measures.mean_absolute_error(forecast, actual),
        "root_mean_square_error": measures.root_mean_square_error(forecast, actual),
        "aggregate_error": measures.aggregate_error(forecast, actual),
        "gini": measures.gini(forecast, actual),
    }


def _of_spend(forecast: Floats, actual: Floats) -> dict[str, float]:
    return {
        "spend_mean_absolute_error": measures.mean_absolute_error(forecast, actual),
        "spend_aggregate_error": measures.aggregate_error(forecast, actual),
    }


def _coverage(placed: Floats, name: str) -> dict[str, float]:
    return {f"{name}_{level}": measures.coverage(placed, level / 100) for level in (80, 95)}


def _placed(done: Fit, split: Split, seed: int) -> Floats:
    """The randomised PIT of the purchases in the holdout, for all customers or a sample."""
    assert done.model is not None
    rows = np.arange(len(split.cells))
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng([seed, 1]).choice(rows, SAMPLE, replace=False))
    counts = done.model.counts(done.parameters, split.cells.taken(rows), split.horizon)
    bought = split.purchases[rows]
    return measures.randomised_pit(counts.at_least(bought), counts.at_least(bought + 1), seed)


def _placed_spend(demand: Demand, split: Split, spend: Fit, seed: int) -> Floats:
    """The randomised PIT of the money spent in the holdout. For a customer who spends nothing it is drawn
    between 0 and P(no purchase)."""
    at_most = revenue_at_most(
        spend.parameters, split.spend_frequency, split.monetary_value, demand, split.spent
    )
    below = np.where(split.spent > 0, at_most, 0.0)
    return measures.randomised_pit(1 - below, 1 - at_most, seed)
