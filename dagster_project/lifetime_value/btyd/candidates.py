"""One candidate of a backtest: what it said of every customer at every origin, and how that compares with what
happened. Belongs here: forecasts at past origins and their measures. Does not belong here: which candidate wins
(`backtest.py`), or how the past is split (`purchases.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dagster_project.lifetime_value.btyd import measures
from dagster_project.lifetime_value.btyd.cells import Floats
from dagster_project.lifetime_value.btyd.fitting import Fit
from dagster_project.lifetime_value.btyd.purchases import Split
from dagster_project.lifetime_value.btyd.revenue import (
    Demand,
    observed_line,
    revenue_at_most,
    shop_line,
    spend_line,
)
from dagster_project.lifetime_value.btyd.vocabulary import Method, Status

ERRORS = ("mean_absolute_error", "root_mean_square_error")
LEAST = 1e-12  # a forecast probability below this counts as this


def _nothing() -> Floats:
    return np.empty(0)


def _no_table() -> Floats:
    return np.empty((0, 3))


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What happened in all holdouts, one row per origin and customer, origin after origin.

    Attributes:
        purchases: purchase days.
        spent: money, at least 0.
        customer: number of the customer.
        origin: number of the origin, 0 is the newest.
    """

    purchases: Floats
    spent: Floats
    customer: NDArray[np.intp]
    origin: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Said:
    """What one candidate said of the same rows. Arrays without a forecast are empty.

    Attributes:
        orders: expected purchase days.
        revenue: expected money, by method.
        active: P(at least one purchase day).
        log_score: logarithm of the probability given to the purchase days that came.
        placed: randomised PIT of the purchase days.
        placed_spend: randomised PIT of the money.
    """

    orders: Floats
    revenue: Mapping[str, Floats] = field(default_factory=dict)
    active: Floats = field(default_factory=_nothing)
    log_score: Floats = field(default_factory=_nothing)
    placed: Floats = field(default_factory=_nothing)
    placed_spend: Floats = field(default_factory=_nothing)


@dataclass(frozen=True, eq=False)
class Result:
    """One candidate's result.

    Attributes:
        family: the model or baseline.
        fit: the fit to all history; None for a baseline.
        tested: the fit at the newest origin; None for a baseline.
        said: its forecasts at all origins; None where the fit failed.
        log_likelihood: of all history, comparable between families; None for a baseline or a failed fit.
        measures: measures of the forecast of a customer's purchases in a holdout, over all origins; empty where
            a fit failed. All have mean_absolute_error and root_mean_square_error, both also as relative_
            (divided by the naive forecast's), aggregate_error, gini and log_score. Models also have
            active_calibration_error, coverage_80 and coverage_95; with money, spend_mean_absolute_error and
            spend_aggregate_error; with Gamma-Gamma, spend_coverage_80 and spend_coverage_95.
        calibration: forecast and actual share of active customers, see `measures.calibration`.
        lift: forecast and actual purchases by part, see `measures.lift`.
    """

    family: str
    fit: Fit | None
    tested: Fit | None
    said: Said | None
    measures: Mapping[str, float]
    log_likelihood: float | None = None
    calibration: Floats = field(default_factory=_no_table)
    lift: Floats = field(default_factory=_no_table)


def outcomes(splits: Sequence[Split]) -> Outcomes:
    """What happened after each origin."""
    return Outcomes(
        np.concatenate([s.purchases for s in splits]),
        np.concatenate([s.spent for s in splits]),
        np.concatenate([s.customer for s in splits]),
        np.concatenate([np.full(len(s.customer), number) for number, s in enumerate(splits)]),
    )


def said(done: Sequence[Fit], splits: Sequence[Split], spends: Sequence[Fit], seed: int) -> Said:
    """What fits, one per origin, said of what followed."""
    each = [
        _said(fit, split, spend, [seed, number])
        for number, (fit, split, spend) in enumerate(zip(done, splits, spends, strict=True))
    ]
    columns = {
        name: np.concatenate([getattr(one, name) for one in each])
        for name in ("orders", "active", "log_score", "placed", "placed_spend")
    }
    methods = set.intersection(*(set(one.revenue) for one in each))
    revenue = {
        method: np.concatenate([one.revenue[method] for one in each]) for method in sorted(methods)
    }
    return Said(revenue=revenue, **columns)


def _said(done: Fit, split: Split, spend: Fit, seed: list[int]) -> Said:
    assert done.model is not None
    model, parameters, horizon = done.model, done.parameters, split.horizon
    cells, back = split.gathered
    alive = model.probability_alive(parameters, cells)
    orders = (alive * model.expected_if_alive(parameters, cells, horizon))[back]
    active = model.counts(parameters, cells, horizon).at_least(np.ones(len(cells)))[back]
    counts = model.counts(parameters, split.cells, horizon)
    at_least = counts.at_least(split.purchases)
    more_than = counts.at_least(split.purchases + 1)
    spent_cells = split.spend_cells()
    shop_mean = spent_cells.mean_value if len(spent_cells) else 0.0
    lines = {
        Method.OWN_MEAN: observed_line(shop_mean, split.spend_frequency),
        Method.SHOP_MEAN: shop_line(shop_mean, split.spend_frequency),
    }
    placed_spend = np.full(len(split.cells), np.nan)
    if spend.status is Status.OK:
        lines[Method.SHRUNK_MEAN] = spend_line(spend.parameters, split.spend_frequency)
        pairs = (alive * model.pairs_if_alive(parameters, cells, horizon))[back]
        placed_spend = _placed_spend(Demand(orders, pairs, active), split, spend, seed)
    return Said(
        orders,
        {str(name): orders * line.at(split.monetary_value) for name, line in lines.items()},
        active,
        np.log(np.maximum(at_least - more_than, LEAST)),
        measures.randomised_pit(at_least, more_than, seed),
        placed_spend,
    )


def _placed_spend(demand: Demand, split: Split, spend: Fit, seed: list[int]) -> Floats:
    """The randomised PIT of the money spent in the holdout. For a customer who spends nothing it is drawn
    between 0 and P(no purchase)."""
    at_most = revenue_at_most(
        spend.parameters, split.spend_frequency, split.monetary_value, demand, split.spent
    )
    below = np.where(split.spent > 0, at_most, 0.0)
    return measures.randomised_pit(1 - below, 1 - at_most, seed)


def measured(what: Said, happened: Outcomes, naive: Said, method: str | None) -> dict[str, float]:
    """The measures of a candidate over all origins; money by one method."""
    found = _of_purchases(what.orders, happened.purchases)
    by_naive = _of_purchases(naive.orders, happened.purchases)
    found |= {f"relative_{name}": found[name] / max(by_naive[name], 1e-300) for name in ERRORS}
    if len(what.active):
        found["log_score"] = float(what.log_score.mean())
        bought = (happened.purchases > 0).astype(np.float64)
        found["active_calibration_error"] = measures.calibration_error(what.active, bought)
        found |= _coverage(what.placed, "coverage")
    if method is not None and method in what.revenue:
        found["spend_mean_absolute_error"] = measures.mean_absolute_error(
            what.revenue[method], happened.spent
        )
        found["spend_aggregate_error"] = measures.aggregate_error(
            what.revenue[method], happened.spent
        )
    if len(what.placed_spend) and np.isfinite(what.placed_spend).all():
        found |= _coverage(what.placed_spend, "spend_coverage")
    return found


def _of_purchases(forecast: Floats, actual: Floats) -> dict[str, float]:
    return {
        "mean_absolute_error": measures.mean_absolute_error(forecast, actual),
        "root_mean_square_error": measures.root_mean_square_error(forecast, actual),
        "aggregate_error": measures.aggregate_error(forecast, actual),
        "gini": measures.gini(forecast, actual),
    }


def _coverage(placed: Floats, name: str) -> dict[str, float]:
    return {f"{name}_{level}": measures.coverage(placed, level / 100) for level in (80, 95)}
