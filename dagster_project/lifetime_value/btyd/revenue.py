"""From purchases to money. Belongs here: what a customer's purchases within a horizon bring in, and
how far it may miss, as lines in the customer's own monetary value, so that SQL can finish the sum
for any number of customers. Does not belong here: the number of purchases."""

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
        """Money, for one monetary value a cell (0 for those who have none)."""
        return self.constant + self.slope * monetary_value

    def times(self, factor: Floats) -> Line:
        """The line, each cell's multiplied by its factor."""
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
    """Expected total of a coming purchase day by Gamma-Gamma; needs q > 1."""
    return Line(*GAMMA_GAMMA.expected_line(parameters, spend_frequency))


def observed_line(mean_value: float, spend_frequency: Floats) -> Line:
    """The customer's own mean so far, for those without one the mean of all: where Gamma-Gamma
    cannot be used."""
    has_own = spend_frequency > 0
    return Line(np.where(has_own, 0.0, mean_value), np.where(has_own, 1.0, 0.0))


def revenue_quantile(
    parameters: Floats, spend_frequency: Floats, demand: Demand, level: float
) -> Line:
    """A quantile of the revenue within the horizon.

    With a customer's spend rate from Gamma(q + p x, v + x m) (x purchase days of mean m), revenue
    is (v + x m) W / V with W a sum of Y Gamma(p) variables and V from Gamma(q + p x). W / V does
    not depend on m, which makes every quantile a line in m, exactly. Who buys nothing pays nothing:
    up to P(Y = 0) the quantile is 0.
    """
    shape, scale, tail = _beta_prime(parameters, spend_frequency, demand)
    within = np.clip((level - 1) / np.maximum(demand.active, 1e-300) + 1, 0.0, 1.0)
    # Of the two parts of 1 the smaller is found, so that none is lost to rounding.
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
    """P(revenue within the horizon <= revenue), whose inverse `revenue_quantile` is."""
    shape, scale, tail = _beta_prime(parameters, spend_frequency, demand)
    ratio = np.maximum(revenue, 0.0) / (parameters[2] + spend_frequency * monetary_value) / scale
    within = special.betainc(shape, tail, ratio / (1 + ratio))
    result: Floats = 1 - demand.active + demand.active * within
    return result


def _beta_prime(
    parameters: Floats, spend_frequency: Floats, demand: Demand
) -> tuple[Floats, Floats, Floats]:
    """Of those who buy, W is taken as gamma with its true mean and variance, so that W / V is beta
    prime: shape, scale and tail index. This is the one approximation."""
    p, q, _ = parameters
    active = np.maximum(demand.active, 1e-300)
    number = np.maximum(demand.mean / active, 1.0)  # who buys, buys at least once
    spread = np.maximum((demand.pairs + demand.mean) / active - number**2, 0.0)
    mean, variance = p * number, p * number + p**2 * spread
    return mean**2 / variance, variance / mean, q + p * spend_frequency
