"""Pareto/NBD (Schmittlein, Morrison and Colombo 1987, "Counting your customers"): a customer may
leave at any moment, independent of purchases. The lifetime is exponential; its rate differs by customer
and is gamma-distributed.

Belongs here: its formulas. The published likelihood is a difference of hypergeometric functions that
loses its digits for frequent buyers. Here the same integral over the moment of leaving is summed at
Gauss nodes, in a variable in which the integrand is nearly constant. Does not belong here: the
search for parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from scipy import special

from dagster_project.lifetime_value.btyd.cells import Cells, Floats, weighted_sums
from dagster_project.lifetime_value.btyd.counts import Counts
from dagster_project.lifetime_value.btyd.quadrature import unit_interval

LIKELIHOOD_NODES = 24  # seven digits at the highest s, twelve where s is small
DEGREE = 4
LIFETIME_NODES = 16
HORIZON_NODES = 24
LEAST_DROPOUT = 1e-4


@dataclass(frozen=True)
class ParetoNBD:
    """Purchase rate from Gamma(r, alpha), rate of leaving from Gamma(s, beta)."""

    family = "pareto_nbd"
    names = ("r", "alpha", "s", "beta")
    times = ("alpha", "beta")
    starts = ((0.6, 0.4, 0.6, 0.5), (1.5, 1.0, 0.5, 3.0))
    # Customers whose rates of leaving hardly differ have s and beta without end, and their ratio alone counts:
    # at s = 10 the likelihood is within a few hundredths of its limit.
    highest: ClassVar[Mapping[str, float]] = MappingProxyType({"s": 10.0})
    regularity = 1

    def _left(self, parameters: Floats, cells: Cells) -> tuple[Floats, Floats, Floats]:
        """The case that the customer has left: the logarithm of its likelihood over that of being alive,
        (n,); the moments of leaving since the first purchase, (n, nodes); and each moment's share of the
        likelihood, (n, nodes)."""
        r, alpha, s, beta = parameters
        shape = r + cells.frequency
        total = shape + s
        at, weight = unit_interval(LIKELIHOOD_NODES)
        gone = np.log1p((cells.age - cells.recency) / (alpha + cells.recency))
        # The remaining chance, 1 - c, falls as exp(-total * waited); nodes are even in its DEGREE-th root.
        reach = -np.expm1(-total / DEGREE * gone)
        rest = np.log1p(-reach[:, None] * at)
        waited = -DEGREE / total[:, None] * rest
        since = (alpha + cells.recency)[:, None] * np.expm1(waited)
        moment = np.minimum(cells.recency[:, None] + since, cells.age[:, None])
        ratio = np.log((alpha + moment) / (beta + moment)) * (s + 1)
        top = ratio.max(axis=1)
        share = weight * np.exp(ratio - top[:, None] + (DEGREE - 1) * rest)
        whole = share.sum(axis=1)
        with np.errstate(divide="ignore"):
            odds = np.log(DEGREE * s * reach / total) + top + np.log(whole)
        odds += total * gone - s * np.log((alpha + cells.age) / (beta + cells.age))
        return odds, moment, share / whole[:, None]

    def log_likelihood(self, parameters: Floats, cells: Cells) -> tuple[float, Floats]:
        """Schmittlein, Morrison and Colombo 1987; Fader and Hardie 2005, "A note on deriving the
        Pareto/NBD model"."""
        r, alpha, s, beta = parameters
        odds, moment, share = self._left(parameters, cells)
        shape = r + cells.frequency
        scale, leaving = alpha + cells.age, beta + cells.age
        constant = special.gammaln(shape) - special.gammaln(r)
        each = constant - cells.frequency * np.log(alpha) - shape * np.log(scale / alpha)
        each += np.logaddexp(0.0, odds) - s * np.log(leaving / beta)
        left = special.expit(odds)
        alive = 1 - left
        log_scale = np.log((alpha + moment) / alpha)
        log_leaving = np.log((beta + moment) / beta)
        mean = {
            "log_scale": (share * log_scale).sum(axis=1),
            "log_leaving": (share * log_leaving).sum(axis=1),
            "scale": (share / (alpha + moment)).sum(axis=1),
            "leaving": (share / (beta + moment)).sum(axis=1),
        }
        gradient = np.empty((4, len(cells)))
        gradient[0] = special.psi(shape) - special.psi(r)
        gradient[0] -= alive * np.log(scale / alpha) + left * mean["log_scale"]
        gradient[1] = r / alpha - shape * (alive / scale + left * mean["scale"])
        gradient[2] = left / s - alive * np.log(leaving / beta) - left * mean["log_leaving"]
        gradient[3] = s / beta - s * alive / leaving - (s + 1) * left * mean["leaving"]
        return weighted_sums(cells.weight, each, gradient)

    def has_dropout(self, parameters: Floats, cells: Cells) -> bool:
        """Whether more than one customer in ten thousand leaves within the mean age."""
        _, _, s, beta = parameters
        return bool(-np.expm1(-s * np.log1p(cells.mean_age / beta)) > LEAST_DROPOUT)

    def probability_alive(self, parameters: Floats, cells: Cells) -> Floats:
        """1 / (1 + left / alive)."""
        result: Floats = special.expit(-self._left(parameters, cells)[0])
        return result

    def _rates(self, parameters: Floats, cells: Cells) -> tuple[Floats, Floats, Floats]:
        r, alpha, _, beta = parameters
        return r + cells.frequency, alpha + cells.age, beta + cells.age

    def expected_if_alive(self, parameters: Floats, cells: Cells, horizon: float) -> Floats:
        """Mean rate times mean time left within the horizon: (r + x)(beta + T) / ((alpha + T)(s -
        1)) (1 - ((beta + T) / (beta + T + horizon))^(s - 1)), with its limit at s = 1."""
        shape, scale, leaving = self._rates(parameters, cells)
        log_time, power = np.log1p(horizon / leaving), parameters[2] - 1
        flat = abs(power) < 1e-12
        time = log_time if flat else -np.expm1(-power * log_time) / power
        return shape / scale * leaving * time

    def pairs_if_alive(self, parameters: Floats, cells: Cells, horizon: float) -> Floats:
        """E[rate^2] E[time left within the horizon squared]."""
        shape, scale, leaving = self._rates(parameters, cells)
        at, weight = unit_interval(HORIZON_NODES)
        log_time = np.log1p(horizon / leaving)
        grown = log_time[:, None] * at
        squared = (weight * np.expm1(grown) * np.exp((1 - parameters[2]) * grown)).sum(axis=1)
        result: Floats = shape * (shape + 1) * (leaving / scale) ** 2 * 2 * log_time * squared
        return result

    def time_to_next(self, parameters: Floats, cells: Cells) -> Floats:
        """One over the mean rate."""
        shape, scale, _ = self._rates(parameters, cells)
        return scale / shape

    def counts(self, parameters: Floats, cells: Cells, horizon: float) -> Counts:
        """NBD for a given lifetime, averaged over the lifetimes within the horizon at Gauss nodes."""
        first, group = cells.by_age
        shape, scale, leaving = (rate[first] for rate in self._rates(parameters, cells))
        s = parameters[2]
        at, weight = unit_interval(LIFETIME_NODES)
        leaves = -np.expm1(-s * np.log1p(horizon / leaving))
        ended = leaving[:, None] * np.expm1(-np.log1p(-leaves[:, None] * at) / s)
        lifetimes = np.minimum(np.column_stack([ended, np.full(len(first), horizon)]), horizon)
        inner = np.column_stack([leaves[:, None] * weight, 1 - leaves])
        alive = self.probability_alive(parameters, cells)
        whole = np.ones((len(cells), 1))
        return Counts(alive, group, whole, inner, shape[:, None], lifetimes / scale[:, None])


PARETO_NBD = ParetoNBD()
