"""How many new customers the coming months bring. Belongs here: forecasts of arrivals by series, from the
months up to an origin. Does not belong here: what becomes of them (`stages.py`, `revenue.py`)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dagster_project.forecasting import baselines

Floats = NDArray[np.float64]
Arrivals = Callable[[Floats, int], Floats]
RECENT, YEAR = baselines.RECENT, baselines.YEAR


def trend(arrived: Floats, horizon: int) -> Floats:
    """Arrivals by series: the last year's line for all of them, split as in the last year."""
    return _split(baselines.fitted_line(arrived.sum(axis=0, keepdims=True), horizon), arrived)


def fading(arrived: Floats, horizon: int) -> Floats:
    """Arrivals by series: from the mean of the last three months on they fall every month as they did from
    the three months before, split as in the last year. They never grow so: what doubled once does not double
    for ever."""
    total = arrived.sum(axis=0)
    recent, before = total[-RECENT:].sum(), total[-2 * RECENT : -RECENT].sum()
    if len(total) < 2 * RECENT or recent >= before:
        return baselines.recent_mean(arrived, horizon)
    pace = (recent / before) ** (1 / RECENT)
    months = np.arange(horizon) + (RECENT + 1) / 2  # from the middle of the last three months
    return _split((recent / RECENT * pace**months)[None, :], arrived)


def season(arrived: Floats, horizon: int) -> Floats:
    """Arrivals by series: those of the same months last year, at the level of the last year against the year
    before; with less than two years the mean of the last year."""
    total = arrived.sum(axis=0)
    if len(total) < 2 * YEAR:
        return baselines.year_mean(arrived, horizon)
    before = total[-2 * YEAR : -YEAR].sum()
    growth = total[-YEAR:].sum() / before if before else 1.0
    last_year = total[-YEAR:][np.arange(horizon) % YEAR]
    return _split((last_year * growth)[None, :], arrived)


def _split(total: Floats, arrived: Floats) -> Floats:
    by_stage = arrived[:, -YEAR:].sum(axis=1)
    share = by_stage / max(by_stage.sum(), 1.0)
    found: Floats = share[:, None] * np.maximum(total, 0.0)
    return found
