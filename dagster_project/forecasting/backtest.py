"""Which candidate is published: the choice from scores over rolling origins. Belongs here: the paired test
against noise, and the choice. Does not belong here: how candidates forecast, how they are scored
(`scores.py`), or whether their intervals hold (`intervals.py`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dagster_project.forecasting.vocabulary import LEAST_ORIGINS, Candidate, Reason

Floats = NDArray[np.float64]

# Kiefer and Vogelsang, Econometric Theory 21 (2005), 1130-1164, table 1, Bartlett kernel, 95 %.
CRITICAL = (1.6449, 2.1859, 0.3142, -0.3427)


@dataclass(frozen=True)
class Comparison:
    """The scores of one candidate minus those of another, over the origins.

    Attributes:
        difference: mean over the origins; below 0 the first is better.
        standard_error: of that mean, with neighbouring origins dependent.
        is_better, is_worse: whether the first is better or worse than the other beyond noise.
    """

    difference: float
    standard_error: float
    is_better: bool
    is_worse: bool


@dataclass(frozen=True)
class Choice:
    """The outcome of a backtest.

    Attributes:
        winner: the candidate that is published; None if nothing may be.
        reason: `forecast`, or why nothing is published.
        comparisons: of every candidate with the winner, in the order of the candidates; empty without one.
    """

    winner: Candidate | None
    reason: Reason
    comparisons: tuple[Comparison, ...]


def choose(scores: Floats, candidates: Sequence[Candidate], overlap: int) -> Choice:
    """The best baseline, unless more complex candidates are better than it beyond noise: then the best of
    those. The choice sums over all origins, in any order of the candidates, and remembers nothing.

    Args:
        scores: (candidates, origins), summed over the points of each origin, lower is better. Origins in the
            order of time. A candidate with a score that is not finite takes no part.
        candidates: from the simplest to the most complex; of equals the simplest wins.
        overlap: number of months that the longest forecast looks ahead: the forecasts of origins closer than
            this cover the same months.
    """
    scores = np.asarray(scores, dtype=np.float64)
    if len(scores) != len(candidates):
        raise ValueError(f"{len(scores)} rows of scores for {len(candidates)} candidates")
    if scores.shape[1] < LEAST_ORIGINS:
        return Choice(None, Reason.HISTORY_TOO_SHORT, ())
    totals = scores.sum(axis=1)
    usable = [number for number in range(len(candidates)) if np.isfinite(scores[number]).all()]
    baselines = [number for number in usable if candidates[number].is_baseline]
    if not baselines:
        raise ValueError("a backtest needs a baseline")
    best = min(baselines, key=lambda number: (totals[number], number))
    better = [
        number
        for number in usable
        if not candidates[number].is_baseline
        and compare(scores[number], scores[best], overlap).is_better
    ]
    winner = min(better, key=lambda number: (totals[number], number), default=best)
    compared = tuple(
        compare(row, scores[winner], overlap)
        if np.isfinite(row).all()
        else Comparison(np.nan, np.nan, False, False)
        for row in scores
    )
    return Choice(candidates[winner], Reason.FORECAST, compared)


def compare(first: Floats, second: Floats, overlap: int) -> Comparison:
    """The test of Diebold and Mariano (1995) for two forecasts of the same origins, one-sided at 5 % to
    either side. Neighbouring origins forecast the same months, so their differences are dependent: the
    variance is Newey and West's (Bartlett kernel), and the critical value is that for a bandwidth which is a
    fixed share of the few origins (Kiefer and Vogelsang 2005; for forecasts Coroneo and Iacone, Journal of
    Applied Econometrics 35 (2020), 391-409). With the normal value such a test takes noise for
    a difference several times too often. With this one, and a bandwidth of half the overlap, of two equally
    good forecasts of random walks one is called better in 5 to 11 % of the cases (8 to 30 origins, 6 to 12
    months ahead), and one that is worse in less than 2 %. A whole overlap as bandwidth finds a third fewer
    of the true differences.

    Args:
        first, second: scores by origin, lower is better.
        overlap: see `choose`.
    """
    differences = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    count = len(differences)
    bandwidth = min(max(math.ceil(overlap / 2), 1), count)
    mean = float(differences.mean())
    error = float(np.sqrt(_long_run_variance(differences, bandwidth) / count))
    limit = _critical(bandwidth / count) * error
    # Differences in the last digits are no differences: without this, equal candidates differ "beyond noise".
    size = 1e-9 * float(np.abs(first).mean() + np.abs(second).mean())
    is_noise = count < LEAST_ORIGINS or abs(mean) <= max(limit, size)
    return Comparison(mean, error, mean < 0 and not is_noise, mean > 0 and not is_noise)


def _long_run_variance(differences: Floats, bandwidth: int) -> float:
    """Newey and West, Econometrica 55 (1987), 703-708. Never negative."""
    centred = differences - differences.mean()
    count = len(centred)
    variance = float(centred @ centred) / count
    for lag in range(1, bandwidth):
        weight = 1 - lag / bandwidth
        variance += 2 * weight * float(centred[lag:] @ centred[:-lag]) / count
    return max(variance, 0.0)


def _critical(share: float) -> float:
    return sum(number * share**power for power, number in enumerate(CRITICAL))
