"""NBD (Ehrenberg 1959): each customer buys at their own rate and never leaves. It is the fallback where
the data show no sign of leaving. Belongs here: its formulas. Does not belong here: when to fall back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from scipy import special

from dagster_project.lifetime_value.btyd.cells import Cells, Floats, weighted_sums
from dagster_project.lifetime_value.btyd.counts import Counts


@dataclass(frozen=True)
class NBD:
    """Rate from Gamma(r, alpha)."""

    family = "nbd"
    names = ("r", "alpha")
    times = ("alpha",)
    starts = ((0.5, 0.5), (2.0, 2.0))
    highest: ClassVar[Mapping[str, float]] = MappingProxyType({})
    regularity = 1

    def log_likelihood(self, parameters: Floats, cells: Cells) -> tuple[float, Floats]:
        """Log-likelihood of the times of purchase, so that it compares with the other models'."""
        r, alpha = parameters
        shape, scale = r + cells.frequency, alpha + cells.age
        each = special.gammaln(shape) - special.gammaln(r) - cells.frequency * np.log(alpha)
        each -= shape * np.log(scale / alpha)
        by_r = special.psi(shape) - special.psi(r) - np.log(scale / alpha)
        gradient = np.array([by_r, r / alpha - shape / scale])
        return weighted_sums(cells.weight, each, gradient)

    def has_dropout(self, parameters: Floats, cells: Cells) -> bool:
        """Always True: the model has no dropout that could be absent from the data."""
        return True

    def probability_alive(self, parameters: Floats, cells: Cells) -> Floats:
        """Always 1."""
        return np.ones(len(cells))

    def expected_if_alive(self, parameters: Floats, cells: Cells, horizon: float) -> Floats:
        """Mean rate times horizon."""
        result: Floats = horizon / self.time_to_next(parameters, cells)
        return result

    def pairs_if_alive(self, parameters: Floats, cells: Cells, horizon: float) -> Floats:
        """E[rate^2] times horizon squared."""
        shape = parameters[0] + cells.frequency
        result: Floats = shape * (shape + 1) * (horizon / (parameters[1] + cells.age)) ** 2
        return result

    def time_to_next(self, parameters: Floats, cells: Cells) -> Floats:
        """One over the mean rate."""
        result: Floats = (parameters[1] + cells.age) / (parameters[0] + cells.frequency)
        return result

    def counts(self, parameters: Floats, cells: Cells, horizon: float) -> Counts:
        """Negative binomial."""
        shape = (parameters[0] + cells.frequency)[:, None]
        odds = (horizon / (parameters[1] + cells.age))[:, None]
        one = np.ones_like(odds)
        return Counts(np.ones(len(cells)), np.arange(len(cells)), one, one, shape, odds)


PURE_NBD = NBD()
