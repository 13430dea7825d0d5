"""Expected purchases of customers who may leave after each purchase with chance p. Belongs here: moments
for a gamma-distributed event rate, of which every `stride`-th event is a purchase, and a
beta-distributed p. Does not belong here: whether the customer is alive now."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dagster_project.lifetime_value.btyd.cells import Floats, distinct
from dagster_project.lifetime_value.btyd.quadrature import beta_logits

Function = Callable[[Floats, Floats, Floats], Floats]
BLOCK = 2_048
CHEBYSHEV = 32
WIDEST = 4.0  # range of log odds that these nodes suffice for
LEAST = 1e-9
FLAT, GAP = 1e-4, 1e-3  # below this p the slope is taken here; over this distance in logits


def mean(shape: Floats, odds: Floats, a: float, b: Floats, stride: int, done: int) -> Floats:
    """E[Y], the mean over p of (1 - E[(1 - p)^N]) / p, where N is the number of purchases if the customer
    never left.

    For stride 1 the published form is (a + b - 1) / (a - 1) (1 - (1 - z)^shape 2F1(shape, b; a + b - 1; z))
    with z = odds / (1 + odds) (Fader, Hardie and Lee 2005, eq. 10). It is 0 / 0 at a = 1 and loses all
    digits for large shapes.

    Args:
        shape: gamma shape of the event rate, (n,).
        odds: horizon over the scale of the event rate, (n,).
        a: first parameter of the beta-distributed chance to leave.
        b: its second parameter, (n,).
        stride: events per purchase.
        done: events towards the first purchase that have already passed.
    """
    result = _averaged(shape, odds, a, b, lambda v, s, u: _gain(v, s, u, stride, done))
    return np.maximum(result, 0.0)  # for a tiny horizon only a rounding error may remain


def pairs(shape: Floats, odds: Floats, a: float, b: Floats, stride: int, done: int) -> Floats:
    """E[Y (Y - 1)], the mean over p of -2 (1 - p) times the slope of the function that `mean` averages. For
    stride 1 that is 2 (1 - p) / p^2 P(NB(2) < horizon). Otherwise the slope is a difference quotient, good
    to four digits. Arguments as in `mean`."""
    if stride == 1:
        return _averaged(shape, odds, a, b, _pairs)

    def by_difference(v: Floats, s: Floats, u: Floats) -> Floats:
        at = np.maximum(v, np.log(FLAT) - np.log1p(s * u))
        ends = [_gain(at + side * GAP, s, u, stride, done) for side in (-1, 1)]
        slope: Floats = (ends[0] - ends[1]) / GAP * (1 + np.exp(-at))
        return slope

    return np.maximum(_averaged(shape, odds, a, b, by_difference), 0.0)


def _averaged(shape: Floats, odds: Floats, a: float, b: Floats, function: Function) -> Floats:
    """Mean of a function of p (given as logit v), shape and odds.

    Rows with the same b have the same shape. Where there are many, the mean is computed at Chebyshev
    nodes of log odds and interpolated, to ten digits."""
    first, group = distinct(b)
    log_odds = np.log(odds)
    low, high = (np.full(len(first), side) for side in (np.inf, -np.inf))
    np.minimum.at(low, group, log_odds)
    np.maximum.at(high, group, log_odds)
    span = high - low
    is_many = (np.bincount(group) > 2 * CHEBYSHEV) & (span > 1e-6) & (span < WIDEST)
    angle = (np.arange(CHEBYSHEV) + 0.5) * np.pi / CHEBYSHEV
    many = np.flatnonzero(is_many)
    at = np.exp((low + span / 2)[many, None] + span[many, None] / 2 * np.cos(angle)).ravel()
    source = np.repeat(first[many], CHEBYSHEV)
    known = _at_nodes(shape[source], b[source], at, a, function)
    known = known.reshape(len(many), CHEBYSHEV)
    is_many[many] = (known > LEAST).all(axis=1)  # below, only rounding errors may remain
    place = np.full(len(first), -1)
    place[many] = np.arange(len(many))
    result, alone = np.empty(len(b)), ~is_many[group]
    result[alone] = _at_nodes(shape[alone], b[alone], odds[alone], a, function)
    rows = np.flatnonzero(~alone)
    logs, factor = np.log(np.maximum(known, LEAST)), np.sin(angle) * (-1.0) ** np.arange(CHEBYSHEV)
    for start in range(0, len(rows), BLOCK):
        part = rows[start : start + BLOCK]
        which = group[part]
        middle = low[which] + span[which] / 2
        gap = ((log_odds[part] - middle) / (span[which] / 2))[:, None] - np.cos(angle)
        share = factor / np.where(np.abs(gap) < 1e-15, 1e-15, gap)
        result[part] = np.exp((share * logs[place[which]]).sum(axis=1) / share.sum(axis=1))
    return result


def _at_nodes(shape: Floats, b: Floats, odds: Floats, a: float, function: Function) -> Floats:
    """The same mean, computed for each row; rows of equal b share the nodes over p."""
    order = np.argsort(b, kind="stable")
    result = np.empty(len(b))
    for first in range(0, len(b), BLOCK):
        rows = order[first : first + BLOCK]
        head, group = distinct(b[rows])
        steepness = float((shape[rows] * odds[rows]).max())
        v, weight = beta_logits(a, b[rows][head], steepness)
        values = function(v[group], shape[rows][:, None], odds[rows][:, None])
        result[rows] = np.einsum("ij,ij->i", weight[group], values)
    return result


def _gain(v: Floats, shape: Floats, odds: Floats, stride: int, done: int) -> Floats:
    """(1 - E[(1 - p)^N]) / p with N = floor((M + done) / stride) for M events. Each power with exponent N is a
    sum, over the roots of unity, of powers with exponent M, whose means are (1 + odds (1 - root))^-shape."""
    p = 1 / (1 + np.exp(-v))
    if stride == 1:
        gain: Floats = -np.expm1(-shape * np.log1p(p * odds)) / p
        return gain
    decay = (np.log1p(np.exp(-np.abs(v))) + np.maximum(v, 0.0)) / stride  # -log(1 - p) / stride
    kept, grown = np.exp(-decay), np.exp(decay)
    none = -shape * np.log1p(-odds * np.expm1(-decay))
    result = np.zeros_like(none)
    for number in range(stride):
        result -= np.expm1((number - done) * decay + none) if number != done else np.expm1(none)
    result /= p
    others = np.zeros_like(none)
    for power in range(1, stride // 2 + 1):
        if 2 * power == stride:  # the root -1
            others += (-1) ** done * np.exp(-shape * np.log1p(odds * (1 + kept))) / (1 + grown)
        else:  # a root and its conjugate give twice the real part
            root = np.exp(2j * np.pi * power / stride)
            mean = np.exp(-shape * np.log(1 + odds * (1 - root * kept)))
            others += 2 * (mean * root**done / (1 - grown / root)).real
    gained: Floats = (result + others * grown ** (stride - done)) / stride
    return gained


def _pairs(v: Floats, shape: Floats, odds: Floats) -> Floats:
    """2 (1 - p) / p^2 (1 - (1 + p odds)^-shape (1 + shape w)), w = p odds / (1 + p odds)."""
    p = 1 / (1 + np.exp(-v))
    w = p * odds / (1 + p * odds)
    exact = -np.expm1(np.log1p(shape * w) - shape * np.log1p(p * odds))
    small = shape * (shape + 1) * w**2 * (0.5 - (shape - 1) * w / 3)
    chance = np.where(shape * w < 1e-5, small, exact)
    result: Floats = 2 / (1 + np.exp(v)) * chance / p**2
    return result
