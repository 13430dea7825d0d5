"""From purchases to money. Belongs here: the revenue of a customer's purchases within a horizon, and its
interval, as lines in the customer's own monetary value, so that SQL can finish the computation for any
number of customers. Does not belong here: the number of purchases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from dagster_project.lifetime_value.btyd.cells import Floats
from dagster_project.lifetime_value.btyd.gamma_gamma import GAMMA_GAMMA


@dataclass(frozen=True, eq=False)
class Line:
    """`constant + slope * monetary_value`, for each cell."""

    constant: Floats
    slope: Floats

    def at(self, monetary_value: Floats) -> Floats:
        """Money for one monetary value per cell; 0 for cells without one."""
        return self.constant + self.slope * monetary_value

    def times(self, factor: Floats) -> Line:
        """The lines, each multiplied by its cell's factor."""
        return Line(self.constant * factor, self.slope * factor)


@dataclass(frozen=True, eq=False)
class Demand:
    """Purchases within a horizon, for each cell.

    Attributes:
        mean: E[Y].
        pairs: E[Y (Y - 1)].
        active: P(Y >= 1).
    """

    mean: Floats
    pairs: Floats
    active: Floats


def spend_line(parameters: Floats, spend_frequency: Floats) -> Line:
    """Expected total of a future purchase day by Gamma-Gamma; needs q > 1."""
    return Line(*GAMMA_GAMMA.expected_line(parameters, spend_frequency))


def observed_line(mean_value: float, spend_frequency: Floats) -> Line:
    """The customer's own mean so far, or the mean of all for customers without one. For where
    Gamma-Gamma cannot be used."""
    has_own = spend_frequency > 0
    return Line(np.where(has_own, 0.0, mean_value), np.where(has_own, 1.0, 0.0))


def shop_line(mean_value: float, spend_frequency: Floats) -> Line:
    """The mean of all customers, whatever the customer's own."""
    return Line(np.full(len(spend_frequency), mean_value), np.zeros(len(spend_frequency)))


def revenue_quantile(
    parameters: Floats, spend_frequency: Floats, demand: Demand, level: float
) -> Line:
    """A quantile of the revenue within the horizon.

    A customer with x purchase days of mean m has a spend rate from Gamma(q + p x, v + x m). Revenue is
    then (v + x m) W / V, where W is a sum of Y Gamma(p) variables and V is from Gamma(q + p x). W / V does
    not depend on m, so that every quantile is exactly a line in m. A customer who buys nothing pays
    nothing: up to level P(Y = 0) the quantile is 0.
    """
    shape, scale, tail = _beta_prime(parameters, spend_frequency, demand)
    within = np.clip((level - 1) / np.maximum(demand.active, 1e-300) + 1, 0.0, 1.0)
    # The smaller of the two tails is computed, so that it is not lost to rounding.
    is_low = within <= special.betainc(shape, tail, 0.5)
    low, high = np.where(is_low, shape, tail), np.where(is_low, tail, shape)
    part = special.betaincinv(low, high, np.where(is_low, within, 1 - within))
    odds = part / (1 - part)
    factor = scale * np.where(is_low, odds, 1 / np.maximum(odds, 1e-300))
    return Line(parameters[2] * factor, spend_frequency * factor)


def revenue_at_most(
    parameters: Floats,
    spend_frequency: Floats,
    monetary_value: Floats,
    demand: Demand,
    revenue: Floats,
) -> Floats:
    """P(revenue within the horizon <= revenue), the inverse of `revenue_quantile`."""
    shape, scale, tail = _beta_prime(parameters, spend_frequency, demand)
    ratio = np.maximum(revenue, 0.0) / (parameters[2] + spend_frequency * monetary_value) / scale
    within = special.betainc(shape, tail, ratio / (1 + ratio))
    result: Floats = 1 - demand.active + demand.active * within
    return result


def _beta_prime(
    parameters: Floats, spend_frequency: Floats, demand: Demand
) -> tuple[Floats, Floats, Floats]:
    """Shape, scale and tail index of W / V, given that the customer buys. W is approximated by a gamma
    variable of equal mean and variance, so that W / V is beta prime. It is the only approximation."""
    p, q, _ = parameters
    active = np.maximum(demand.active, 1e-300)
    number = np.maximum(demand.mean / active, 1.0)  # a customer who buys, buys at least once
    spread = np.maximum((demand.pairs + demand.mean) / active - number**2, 0.0)
    mean, variance = p * number, p * number + p**2 * spread
    return mean**2 / variance, variance / mean, q + p * spend_frequency
