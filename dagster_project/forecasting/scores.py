"""Proper scores of predictive distributions: lower is better, and in expectation lowest for the truth.
Belongs here: the scores of counts and amounts. Does not belong here: where a distribution comes from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
LEAST_SPREAD = 0.3  # customers: a count that never varied is not certain either
LEAST_CHANCE = 1e-12


def log_score(actual: Floats, mean: Floats, spread: Floats, freedom: Floats | float) -> Floats:
    """Minus the logarithm of the chance that a distribution over whole numbers gave to the outcome (Good
    1952; Gneiting and Raftery, Journal of the American Statistical Association 102 (2007), 359-378). The
    distribution is Student's t, as the spread is itself estimated, with the chance of a number being that of
    the interval half a unit to either side, and that of 0 all below.

    Args:
        actual: whole numbers.
        mean: expected numbers.
        spread: scale of the errors, in the same unit.
        freedom: degrees of freedom: the number of errors that the spread is estimated from.
    """
    scale = np.maximum(spread, LEAST_SPREAD)
    above = stats.t.cdf((actual + 0.5 - mean) / scale, freedom)
    below = np.where(actual > 0, stats.t.cdf((actual - 0.5 - mean) / scale, freedom), 0.0)
    scored: Floats = -np.log(np.maximum(above - below, LEAST_CHANCE))
    return scored


def crps(actual: Floats, mean: Floats, spread: Floats) -> Floats:
    """Continuous ranked probability score of a normal distribution, in the unit of the amounts (Gneiting,
    Raftery, Westveld and Goldman, Monthly Weather Review 133 (2005), 1098-1118, formula 5). With no spread
    it is the absolute error."""
    scale = np.maximum(spread, 1e-12)
    place = (actual - mean) / scale
    scored: Floats = scale * (
        place * (2 * stats.norm.cdf(place) - 1) + 2 * stats.norm.pdf(place) - 1 / np.sqrt(np.pi)
    )
    return scored


def pinball(actual: Floats, quantile: Floats, level: float) -> Floats:
    """Loss of a quantile (Koenker and Bassett, Econometrica 46 (1978), 33-50), in the unit of the amounts."""
    error = actual - quantile
    scored: Floats = np.maximum(level * error, (level - 1) * error)
    return scored
