"""The purchases of all customers together. Belongs here: their expectation and interval, and how far past
totals were off. Does not belong here: one customer's forecast (`scoring.py`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from dagster_project.lifetime_value.btyd.cells import Cells, Floats
from dagster_project.lifetime_value.btyd.fitting import Fit
from dagster_project.lifetime_value.btyd.purchases import Split

SLOPE_STEP = 1e-3


@dataclass(frozen=True)
class PastTotals:
    """How far totals of past origins were off.

    Attributes:
        origins: number of origins.
        spread: root mean square of the logarithm of actual over expected.
    """

    origins: int
    spread: float


def past_totals(fits: Sequence[Fit], splits: Sequence[Split]) -> PastTotals:
    """Compares the total that each origin's fit expected with what came."""
    errors = []
    for done, split in zip(fits, splits, strict=True):
        cells = split.gathered[0]
        expected = float((cells.weight * expected_orders(done, cells, split.horizon)).sum())
        actual = max(float(split.purchases.sum()), 0.5)
        errors.append(math.log(actual / max(expected, 0.5)))
    return PastTotals(len(errors), math.sqrt(float(np.mean(np.square(errors)))))


def total_interval(
    fit: Fit, cells: Cells, horizon: float, level: float, past: PastTotals | None = None
) -> tuple[float, float, float]:
    """Expected purchases of all customers together, and the interval that holds their number with
    chance `level`: (expected, low, high). Its variance is the sum of the customers' own variances, that of the
    parameters (delta method: slopes by log-parameter and their covariance), and what past totals were off by;
    with few past totals the tails are those of Student's t."""
    expected, variance = _total(fit, cells, horizon)
    if expected <= 0:
        return 0.0, 0.0, 0.0
    tail = (1 + level) / 2
    spread = past.spread if past else 0.0
    factor = special.stdtrit(past.origins, tail) if past else special.ndtri(tail)
    reach = float(factor) * math.sqrt(variance / expected**2 + spread**2)
    return expected, expected * math.exp(-reach), expected * math.exp(reach)


def _total(fit: Fit, cells: Cells, horizon: float) -> tuple[float, float]:
    """The expected total and its variance by the model alone."""
    assert fit.model is not None
    model = fit.model
    alive = model.probability_alive(fit.parameters, cells)
    mean = alive * model.expected_if_alive(fit.parameters, cells, horizon)
    pairs = alive * model.pairs_if_alive(fit.parameters, cells, horizon)
    luck = float((cells.weight * np.maximum(pairs + mean - mean**2, 0.0)).sum())
    # Bucket means would bias the total by a twentieth; the slopes need less precision.
    few = cells if len(cells) <= 4_000 else cells.bucketed(cells.mean_age / 10)[0]
    slopes = _slopes(fit, few, horizon)
    ignorance = float(slopes @ fit.log_covariance @ slopes)
    return float((cells.weight * mean).sum()), luck + max(ignorance, 0.0)


def _slopes(fit: Fit, cells: Cells, horizon: float) -> Floats:
    """How the expected purchases of all cells change with the logarithm of each parameter."""
    slopes = np.zeros(len(fit.parameters))
    for number in range(len(slopes)):
        ends = []
        for side in (-1, 1):
            parameters = fit.parameters.copy()
            parameters[number] *= np.exp(side * SLOPE_STEP)
            moved = replace(fit, parameters=parameters)
            ends.append(float((cells.weight * expected_orders(moved, cells, horizon)).sum()))
        slopes[number] = (ends[1] - ends[0]) / (2 * SLOPE_STEP)
    return slopes


def expected_orders(fit: Fit, cells: Cells, horizon: float) -> Floats:
    """Expected purchases within the horizon, one value per cell, where no other score is needed."""
    assert fit.model is not None
    alive = fit.model.probability_alive(fit.parameters, cells)
    return alive * fit.model.expected_if_alive(fit.parameters, cells, horizon)
