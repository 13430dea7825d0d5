"""Quadrature: sums that replace integrals, exact to about 1e-10. Belongs here: nodes and weights. Does
not belong here: the integrands."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from dagster_project.lifetime_value.btyd.cells import Floats

STEP = 0.4  # in logits; the error falls as exp(-pi^2 / step)
WIDTHS = 7  # number of widths of a beta distribution covered on either side of its centre
NEGLIGIBLE = 26.0  # exp(-26) is 5e-12
LINEAR = 14.0  # in logits: there p is about exp(-14), and its square is negligible


@lru_cache(maxsize=8)
def unit_interval(nodes: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on (0, 1)."""
    at, weight = np.polynomial.legendre.leggauss(nodes)
    return (at + 1) / 2, weight / 2


def beta_logits(a: float, b: Floats, steepness: float) -> tuple[Floats, Floats]:
    """Nodes v and weights such that `sum(weight * g(p))`, with p = 1 / (1 + exp(-v)), is the mean
    of g(p) for p from Beta(a, b), for functions that change over p no faster than g(steepness * p)
    over 1.

    The trapezoid rule in logits converges exponentially for any a and b, even where Beta(a, b) has
    poles at both ends. Gauss-Jacobi nodes would have to be computed anew for every b.

    Args:
        a: first parameter, > 0.
        b: second parameters, > 0, shape (n,).
        steepness: >= 0; below p = exp(-14) / (1 + steepness) the function is assumed to be linear.

    Returns:
        Two arrays of shape (n, nodes); the weights of a row sum to 1.
    """
    centre = np.log(a) - np.log(b)
    width = np.sqrt(1 / a + 1 / b)
    flat_above = NEGLIGIBLE + np.log1p(a)
    linear_below = -LINEAR - np.log1p(steepness) - np.log1p(b)
    low = np.maximum(centre - WIDTHS * width - NEGLIGIBLE / a, linear_below)
    high = np.minimum(centre + WIDTHS * width + NEGLIGIBLE / b, flat_above)
    nodes = int(np.ceil(((high - low) / np.minimum(STEP, width / 2)).max())) + 2
    gap = (high - low) / (nodes - 1)
    v = low[:, None] + gap[:, None] * np.arange(nodes)
    log_weight = -a * np.logaddexp(0.0, -v) - b[:, None] * np.logaddexp(0.0, v)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    # The nodes that would follow on either side are summed as geometric series. Above, the function is
    # constant; below, the function and weight / p^a are linear in p, through the first two nodes.
    weight[:, -1] /= -np.expm1(-b * gap)
    constant, linear = -1 / np.expm1(-a * gap), -1 / np.expm1(-(a + 1) * gap)
    bend = (constant - linear) / np.expm1(gap)
    weight[:, 0] *= constant + bend
    weight[:, 1] *= 1 - bend * np.exp(-a * gap)
    return v, weight / weight.sum(axis=1, keepdims=True)
