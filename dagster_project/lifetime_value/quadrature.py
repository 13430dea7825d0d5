"""Sums that stand for integrals, exact to about 1e-11. Belongs here: nodes and weights. Does not
belong here: what is integrated."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dagster_project.lifetime_value.cells import Floats

STEP = 0.35  # in logits; the error falls as exp(-pi^2 / step)
NEGLIGIBLE = 37.0  # exp(-37) is below the rounding of a double


@lru_cache(maxsize=8)
def unit_interval(nodes: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on (0, 1)."""
    at, weight = np.polynomial.legendre.leggauss(nodes)
    return (at + 1) / 2, weight / 2


def beta_logits(a: float, b: Floats, steepness: float) -> tuple[Floats, Floats]:
    """Nodes v and weights such that `sum(weight * g(p))`, with p = 1 / (1 + exp(-v)), is the mean
    of g(p) for p from Beta(a, b), for functions that change over p no faster than g(steepness * p)
    over 1.

    The trapezoid rule in logits converges exponentially for any a and b, also where Beta(a, b) has
    poles at both ends, where Gauss-Jacobi nodes would have to be found anew for every b.

    Args:
        a: first parameter, > 0.
        b: second parameters, > 0, shape (n,).
        steepness: >= 0; below p = exp(-37) / steepness the function is taken as constant.

    Returns:
        Two arrays of shape (n, nodes); the weights of a row sum to 1.
    """
    centre = np.log(a) - np.log(b)
    width = np.sqrt(1 / a + 1 / b)
    # Farther out neither the function nor the shape of the weights changes any more.
    flat_below = -NEGLIGIBLE - np.log1p(steepness) - np.log1p(b)
    flat_above = NEGLIGIBLE + np.log1p(a)
    low = np.maximum(centre - 9 * width - NEGLIGIBLE / a, flat_below)
    high = np.minimum(centre + 9 * width + NEGLIGIBLE / b, flat_above)
    step = np.minimum(STEP, width / 2)
    nodes = int(np.ceil(((high - low) / step).max())) + 1
    v = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, nodes)
    log_weight = -a * np.logaddexp(0.0, -v) - b[:, None] * np.logaddexp(0.0, v)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    # Beyond the ends the function is constant and the weight a geometric series.
    gap = (high - low) / (nodes - 1)
    weight[:, 0] /= -np.expm1(-a * gap)
    weight[:, -1] /= -np.expm1(-b * gap)
    return v, weight / weight.sum(axis=1, keepdims=True)


def first_of(keys: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of the rows of `keys`: where each distinct one occurs first, and which distinct one each row
    is."""
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return first, group.reshape(-1)
