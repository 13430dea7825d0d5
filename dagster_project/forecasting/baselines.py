"""What anybody would guess without a model: no change, a straight line, the same months last year. Belongs
here: the guesses for several series at once that add up, from the months up to an origin. Does not belong
here: which of them is right (`backtest.py`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from dagster_project.forecasting.vocabulary import Candidate

Floats = NDArray[np.float64]
Guess = Callable[[Floats, int], Floats]
YEAR = 12
RECENT = 3


def no_change(history: Floats, horizon: int) -> Floats:
    """Every series remains as it is. `history` is (series, months), the result (series, horizon)."""
    return np.repeat(history[:, -1:], horizon, axis=1)


def recent_mean(history: Floats, horizon: int) -> Floats:
    """Every series remains at the mean of its last three months: no change, for what varies by month."""
    return np.repeat(history[:, -RECENT:].mean(axis=1, keepdims=True), horizon, axis=1)


def year_mean(history: Floats, horizon: int) -> Floats:
    """Every series remains at the mean of its last year: last year pro rata."""
    return np.repeat(history[:, -YEAR:].mean(axis=1, keepdims=True), horizon, axis=1)


def straight_line(history: Floats, horizon: int) -> Floats:
    """Every series goes on from where it is, by its mean monthly change of the last year."""
    return _line(history, horizon, YEAR)


def recent_line(history: Floats, horizon: int) -> Floats:
    """Every series goes on from where it is, by its mean monthly change of the last three months."""
    return _line(history, horizon, RECENT)


def fitted_line(history: Floats, horizon: int) -> Floats:
    """The line of least squares through the last year."""
    known = history[:, -YEAR:]
    months = np.arange(known.shape[1], dtype=np.float64)
    centred = months - months.mean()
    size = float(centred @ centred)
    slope = known @ centred / size if size else np.zeros(len(known))
    ahead = known.shape[1] - 1 + np.arange(1, horizon + 1) - months.mean()
    found: Floats = known.mean(axis=1)[:, None] + slope[:, None] * ahead[None, :]
    return found


def same_months_last_year(history: Floats, horizon: int) -> Floats:
    """What the series was in the same months a year before; no change where they are not known."""
    if history.shape[1] < YEAR:
        return no_change(history, horizon)
    found: Floats = history[:, -YEAR:][:, np.arange(horizon) % YEAR]
    return found


def same_changes_last_year(history: Floats, horizon: int) -> Floats:
    """Every series goes on from where it is, by its changes of the same months a year before; no change
    where they are not known."""
    if history.shape[1] <= YEAR:
        return no_change(history, horizon)
    changes = np.diff(history[:, -YEAR - 1 :], axis=1)
    return history[:, -1:] + np.cumsum(changes[:, np.arange(horizon) % YEAR], axis=1)


STOCKS: Mapping[Candidate, Guess] = {
    Candidate("no_change", True): no_change,
    Candidate("straight_line", True): straight_line,
    Candidate("recent_line", True): recent_line,
    Candidate("fitted_line", True): fitted_line,
    Candidate("same_months_last_year", True, YEAR): same_months_last_year,
    Candidate("same_changes_last_year", True, YEAR + 1): same_changes_last_year,
}
"""Baselines of what there is at the end of a month."""

FLOWS: Mapping[Candidate, Guess] = {
    Candidate("no_change", True): recent_mean,
    Candidate("last_year_pro_rata", True): year_mean,
    Candidate("straight_line", True): fitted_line,
    Candidate("same_months_last_year", True, YEAR): same_months_last_year,
}
"""Baselines of what happens within a month."""


def not_below_zero(path: Floats) -> Floats:
    """The series without numbers below zero, and with the same sum in every month: what is cut off is taken
    from the others in proportion. A sum below zero becomes zero."""
    cut = np.maximum(path, 0.0)
    total, wanted = cut.sum(axis=0), np.maximum(path.sum(axis=0), 0.0)
    found: Floats = cut * np.divide(wanted, total, out=np.zeros_like(total), where=total > 0)
    return found


def _line(history: Floats, horizon: int, months: int) -> Floats:
    known = history[:, -(months + 1) :]
    steps = known.shape[1] - 1
    slope = (known[:, -1] - known[:, 0]) / steps if steps else np.zeros(len(known))
    return known[:, -1:] + slope[:, None] * np.arange(1, horizon + 1)[None, :]
