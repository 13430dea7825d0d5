"""Scores of cells, which SQL joins back to customers. Belongs here: one function from a fit and cells
to columns, for any number of cells in a few seconds. Does not belong here: which fit is used, or
how SQL joins.

A score depends on the customer's cell alone; money also depends on the monetary value, as a line. So SQL
computes, in doubles,

    predicted = <column>_constant + <column>_slope * monetary_value

and gets the same result as Python but for the last rounding. The keys of the join are the cell's
original columns, not its mean recency and age."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dagster_project.lifetime_value.btyd.cells import Cells, Floats
from dagster_project.lifetime_value.btyd.fitting import Fit
from dagster_project.lifetime_value.btyd.levels import NOMINAL, Levels
from dagster_project.lifetime_value.btyd.model import PurchaseModel
from dagster_project.lifetime_value.btyd.quadrature import unit_interval
from dagster_project.lifetime_value.btyd.revenue import (
    Demand,
    Line,
    observed_line,
    revenue_quantile,
    shop_line,
    spend_line,
)
from dagster_project.lifetime_value.btyd.vocabulary import Method, Status

YEAR = 365.0
DISCOUNT_NODES = 3

Scores = Mapping[str, Floats | None]


def score(
    fit: Fit,
    cells: Cells,
    spend: Fit | None = None,
    spend_frequency: Floats | None = None,
    mean_value: float = 0.0,
    horizon: float = YEAR,
    annual_discount: float = 0.0,
    year: float = YEAR,
    levels: Levels | None = NOMINAL,
    revenue_method: str = Method.SHRUNK_MEAN,
) -> Scores:
    """Score columns, one value per cell; none holds NaN or infinity. A column that cannot be computed is
    None.

    Args:
        fit: fit of purchases, in the cells' unit of time.
        cells: distinct cells; weights are not used.
        spend: fit of spend. Without one, or with one that failed, money is computed from observed
            means and has no interval.
        spend_frequency: for each cell, the purchase days that the monetary value is the mean of; by
            default the frequency.
        mean_value: mean spend of a purchase day of all customers, for customers without a mean of
            their own.
        horizon: length of the forecast, in the cells' unit of time.
        annual_discount: effective annual rate, e.g. 0.1.
        year: length of a year in the cells' unit of time.
        levels: the model's quantile levels for the ends of revenue intervals; None for no intervals.
        revenue_method: which mean of a purchase day money is computed from.

    Returns:
        probability_alive, probability_active, expected_orders, discounted_orders,
        time_to_next_order, orders_<low_95|low_80|high_80|high_95> at the nominal levels; and for revenue
        (discounted expectation) and revenue_<low_95|...> (discounted alike) a `_constant` and a `_slope`.
    """
    model = _model(fit)
    own = cells.frequency if spend_frequency is None else spend_frequency
    alive = model.probability_alive(fit.parameters, cells)
    counts = model.counts(fit.parameters, cells, horizon)
    active = counts.at_least(np.ones(len(cells)))
    if_alive = model.expected_if_alive(fit.parameters, cells, horizon)
    mean, rate = alive * if_alive, float(np.log1p(annual_discount)) / year
    discounted = alive * _discounted(model, fit.parameters, cells, horizon, rate, if_alive)
    columns: dict[str, Floats | None] = {
        "probability_alive": alive,
        "probability_active": active,
        "expected_orders": mean,
        "discounted_orders": discounted,
        "time_to_next_order": model.time_to_next(fit.parameters, cells),
    }
    for name, number in zip(NOMINAL, counts.quantiles(tuple(NOMINAL.values())), strict=True):
        columns[f"orders_{name}"] = number
    lines: dict[str, Line | None] = dict.fromkeys(f"revenue_{name}" for name in NOMINAL)
    is_shrunk = revenue_method == Method.SHRUNK_MEAN
    if is_shrunk and spend is not None and spend.status is Status.OK:
        lines["revenue"] = spend_line(spend.parameters, own).times(discounted)
        pairs = alive * model.pairs_if_alive(fit.parameters, cells, horizon)
        demand = Demand(mean, pairs, active)
        share = discounted / np.maximum(mean, 1e-300)
        for name, level in (levels or {}).items():
            line = revenue_quantile(spend.parameters, own, demand, level)
            lines[f"revenue_{name}"] = line.times(share)
    else:
        observed = shop_line if revenue_method == Method.SHOP_MEAN else observed_line
        lines["revenue"] = observed(mean_value, own).times(discounted)
    for name, drawn in lines.items():
        columns[f"{name}_constant"] = None if drawn is None else drawn.constant
        columns[f"{name}_slope"] = None if drawn is None else drawn.slope
    return columns


def _model(fit: Fit) -> PurchaseModel:
    if fit.model is None or fit.status is not Status.OK:
        raise ValueError(f"no scores from a fit of {fit.family} with status {fit.status}")
    return fit.model


def _discounted(
    model: PurchaseModel,
    parameters: Floats,
    cells: Cells,
    horizon: float,
    rate: float,
    undiscounted: Floats,
) -> Floats:
    """Sum of exp(-rate t) over the expected purchases, integrated by parts: exp(-rate h) E(h) + rate times
    the integral of exp(-rate t) E(t) dt."""
    if rate == 0:
        return undiscounted
    total: Floats = np.exp(-rate * horizon) * undiscounted
    for at, weight in zip(*unit_interval(DISCOUNT_NODES), strict=True):
        gain = rate * horizon * weight * np.exp(-rate * at * horizon)
        total += gain * model.expected_if_alive(parameters, cells, at * horizon)
    return total
