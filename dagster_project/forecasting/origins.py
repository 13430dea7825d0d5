"""Rolling origins: month-ends of the past at which forecasts are repeated. Belongs here: which there are,
and what came after. Does not belong here: forecasts or their scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dagster_project.forecasting.vocabulary import LEAST_ORIGINS, Candidate

Floats = NDArray[np.float64]
Forecast = TypeVar("Forecast")


def origins(months: int, minimum_months: int) -> list[int]:
    """Numbers of all months that know `minimum_months` and have a month after them."""
    return list(range(max(minimum_months, 1) - 1, months - 1))


def with_history(
    candidates: Mapping[Candidate, Forecast], months: int, minimum_months: int
) -> dict[Candidate, Forecast]:
    """The candidates that at least three origins have the history for."""
    known = [origin + 1 for origin in origins(months, minimum_months)]
    return {
        candidate: forecast
        for candidate, forecast in candidates.items()
        if candidate.months <= minimum_months
        or sum(one >= candidate.months for one in known) >= LEAST_ORIGINS
    }


def outcomes(history: Floats, past: list[int], horizon: int) -> Floats:
    """(origins, months ahead, series) what came after each origin; NaN where it is not over. `history` is
    (series, months)."""
    found = np.full((len(past), horizon, len(history)), np.nan)
    for row, origin in enumerate(past):
        after = history[:, origin + 1 : origin + 1 + horizon]
        found[row, : after.shape[1]] = after.T
    return found
