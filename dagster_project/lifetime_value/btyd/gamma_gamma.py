"""Gamma-Gamma model of spend (Fader and Hardie 2013, "The Gamma-Gamma model of monetary value";
Colombo and Jiang 1999): the total of a purchase day is Gamma(p, rate), and each customer's rate is
Gamma(q, v), independent of how often they buy. Belongs here: its formulas. Does not belong here: the
number of purchases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from dagster_project.lifetime_value.btyd.cells import Floats, SpendCells, weighted_sums


@dataclass(frozen=True)
class GammaGamma:
    """Parameters p and q, which have no unit, and v in units of money."""

    family = "gamma_gamma"
    names = ("p", "q", "v")
    moneys = ("v",)
    starts = ((3.0, 4.0, 1.0), (1.0, 2.0, 1.0))

    def log_likelihood(self, parameters: Floats, cells: SpendCells) -> tuple[float, Floats]:
        """Fader and Hardie 2013, eq. 1a, and its gradient."""
        p, q, v = parameters
        days, mean = cells.frequency, cells.monetary_value
        spent, shape = days * mean, p * days
        known = np.log1p(spent / v)
        each = special.gammaln(shape + q) - special.gammaln(shape) - special.gammaln(q)
        each += shape * np.log(spent / v) - np.log(mean) - (shape + q) * known
        both = special.psi(shape + q)
        gradient = np.array(
            [
                days * (both - special.psi(shape) + np.log(spent / v) - known),
                both - special.psi(q) - known,
                ((shape + q) * spent / (v + spent) - shape) / v,
            ]
        )
        return weighted_sums(cells.weight, each, gradient)

    def expected(self, parameters: Floats, frequency: Floats, monetary_value: Floats) -> Floats:
        """Expected total of a future purchase day, in units of money; for frequency 0, the mean of all
        customers."""
        constant, slope = self.expected_line(parameters, frequency)
        return constant + slope * monetary_value

    def expected_line(self, parameters: Floats, frequency: Floats) -> tuple[Floats, Floats]:
        """The same as a line in the monetary value: constant and slope. Fader and Hardie 2013, eq. 5.
        Needs q > 1."""
        p, q, v = parameters
        scale = p / (p * frequency + q - 1)
        return v * scale, frequency * scale


GAMMA_GAMMA = GammaGamma()
