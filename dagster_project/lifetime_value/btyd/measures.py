"""How good forecasts are. Belongs here: measures that compare forecasts with the outcome, customer by
customer. Does not belong here: where the forecasts come from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dagster_project.lifetime_value.btyd.cells import Floats


def mean_absolute_error(forecast: Floats, actual: Floats) -> float:
    """Mean absolute error, in the unit of the forecast."""
    return float(np.abs(forecast - actual).mean())


def root_mean_square_error(forecast: Floats, actual: Floats) -> float:
    """Root of the mean squared error, in the unit of the forecast."""
    return float(np.sqrt(((forecast - actual) ** 2).mean()))


def aggregate_error(forecast: Floats, actual: Floats) -> float:
    """Total forecast over total actual, minus 1. A total actual below 1 counts as 1."""
    return float(forecast.sum() / max(float(actual.sum()), 1.0) - 1)


def gini(forecast: Floats, actual: Floats) -> float:
    """How well the forecast ranks customers: 1 is as good as hindsight, 0 as good as chance. Equal
    forecasts share a rank."""
    best = _rank_covariance(actual, actual)
    return _rank_covariance(forecast, actual) / best if best > 0 else 0.0


def _rank_covariance(by: Floats, actual: Floats) -> float:
    _, group, size = np.unique(by, return_inverse=True, return_counts=True)
    rank = (np.cumsum(size) - (size - 1) / 2)[group]
    return float(((rank - rank.mean()) * (actual - actual.mean())).mean())


def calibration(chance: Floats, happened: Floats, bins: int = 10) -> Floats:
    """Calibration table, (bins, 3): customers, mean forecast chance, and share of customers for whom it
    happened. Bins are of equal width in the chance; empty bins are 0."""
    bucket = np.minimum((chance * bins).astype(int), bins - 1)
    size = np.bincount(bucket, minlength=bins).astype(np.float64)
    sums = [np.bincount(bucket, values, minlength=bins) for values in (chance, happened)]
    return np.column_stack([size, *(total / np.maximum(size, 1) for total in sums)])


def calibration_error(chance: Floats, happened: Floats, bins: int = 10) -> float:
    """Mean distance between the forecast chance and the actual share, weighted by customers; 0 is
    perfect."""
    table = calibration(chance, happened, bins)
    return float(
        (table[:, 0] * np.abs(table[:, 1] - table[:, 2])).sum() / max(table[:, 0].sum(), 1.0)
    )


def lift(forecast: Floats, actual: Floats, parts: int = 10) -> Floats:
    """Lift table, (parts, 3): customers, mean forecast and mean actual, in parts of equal size from the
    highest forecast down."""
    order = np.argsort(-forecast, kind="stable")
    split = np.array_split(order, parts)
    rows = [(len(part), forecast[part].mean(), actual[part].mean()) for part in split if len(part)]
    return np.array(rows, dtype=np.float64)


def randomised_pit(at_least: Floats, more_than: Floats, seed: int | Sequence[int]) -> Floats:
    """Randomised probability integral transform: the outcome's place in its forecast distribution, in
    (0, 1). It is uniform if the distribution is right. Counts are discrete, so a point is drawn between
    P(Y < y) and P(Y <= y) (Czado, Gneiting and Held 2009).

    Args:
        at_least: P(Y >= y) at the outcome y.
        more_than: P(Y > y) at the outcome y.
        seed: seed of the draw.
    """
    drawn = np.random.default_rng(seed).random(len(at_least))
    return 1 - at_least + drawn * (at_least - more_than)


def coverage(pit: Floats, level: float) -> float:
    """Share of customers whose outcome lies within the central interval of that level."""
    return float((np.abs(pit - 0.5) <= level / 2).mean()) if len(pit) else 0.0
