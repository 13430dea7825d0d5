"""Quantile levels of intervals that hold what they say. Belongs here: learning them from where past outcomes
lay. Does not belong here: the quantiles themselves.

A model's own quantiles at 10 and 90 % hold 80 % only if its distribution is right. Past outcomes show which of
its quantiles would have held 80 % (Kuleshov, Fenner and Ermon 2018, "Accurate uncertainties for deep learning
using calibrated regression")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dagster_project.lifetime_value.btyd.cells import Floats

NOMINAL = {"low_95": 0.025, "low_80": 0.1, "high_80": 0.9, "high_95": 0.975}
HELD = (0.75, 0.85)  # an 80 % interval must have held this share

Levels: TypeAlias = "Mapping[str, float]"
"""The model's quantile level for each end of an interval."""


def learned_levels(placed: Floats, origin: NDArray[np.intp]) -> Levels | None:
    """The levels that would have held over all origins. None where the levels of the other origins did not hold
    at the origins that they were not learned from, or where nothing was placed.

    Args:
        placed: randomised PIT of every outcome.
        origin: number of its origin.
    """
    if not len(placed) or not np.isfinite(placed).all():
        return None
    held = held_share(placed, origin)
    return _levels(placed) if HELD[0] <= held <= HELD[1] else None


def held_share(placed: Floats, origin: NDArray[np.intp]) -> float:
    """Share of outcomes in the 80 % interval whose levels were learned from the other origins."""
    inside = 0
    for number in np.unique(origin):
        own = placed[origin == number]
        levels = _levels(placed[origin != number])
        inside += int(((own >= levels["low_80"]) & (own <= levels["high_80"])).sum())
    return inside / len(placed)


def _levels(placed: Floats) -> Levels:
    found = np.quantile(placed, list(NOMINAL.values()))
    return dict(zip(NOMINAL, np.clip(found, 1e-4, 1 - 1e-4).tolist(), strict=True))
