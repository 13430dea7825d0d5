"""How far outcomes were from forecasts, and so how wide intervals must be. Belongs here: spreads and
intervals learned from the errors of other origins, and whether intervals held what they say. Does not belong
here: forecasts, or what is published (`gate.py`).

Errors come as (origins, months ahead), NaN where the outcome is not known, in the order of time. They are
first divided by a level, such as the size of what is forecast, and by a power of the months ahead, as errors
grow with these. What an origin is judged with is learned from the others, and the nearer ones count more
(Barber, Candes, Ramdas and Tibshirani, Annals of Statistics 51 (2023), 816-845)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dagster_project.forecasting.vocabulary import LEAST, LEVEL, MOST

Floats = NDArray[np.float64]
POWERS = np.arange(
    0.0, 2.25, 0.25
)  # errors remain as large, grow like a random walk, a line, a sum of lines
DECAY = 0.9  # weight of an origin against the next one
TINY = 1e-9


@dataclass(frozen=True, eq=False)
class Widths:
    """What was learned from errors.

    Attributes:
        spread: (origins, months ahead) root of the mean squared error, learned from the other origins.
        half_width: (origins, months ahead) half the width of the interval, learned from the other origins.
        half_width_now: (months ahead) half the width for the forecast of today, learned from all origins.
        learned_from: (origins) number of errors that an origin's interval was learned from.
    """

    spread: Floats
    half_width: Floats
    half_width_now: Floats
    learned_from: Floats


def spreads(errors: Floats, levels: Floats) -> Floats:
    """The spread alone (see `Widths`), as scores need it."""
    growth, size = _spread(errors, levels, _weights(len(errors)))
    ahead = np.arange(1, errors.shape[1] + 1)[None, :]
    return size[:, None] * ahead ** growth[:, None] * levels


def learned_widths(errors: Floats, levels: Floats, levels_now: Floats) -> Widths:
    """Spreads and intervals of a forecast.

    Args:
        errors: (origins, months ahead) outcome minus forecast; NaN where the outcome is not known.
        levels: (origins, months ahead) what errors are proportional to; above 0, in the unit of the errors.
        levels_now: (months ahead) the same for the forecast of today.
    """
    origins, horizon = errors.shape
    ahead = np.arange(1, horizon + 1, dtype=np.float64)
    # The last row learns for today from all origins.
    weights = np.vstack([_weights(origins), DECAY ** np.arange(origins, 0, -1)[None, :]])
    everything = np.vstack([levels, levels_now[None, :]])
    growth, size = _spread(errors, levels, weights)
    scale = ahead[None, :] ** growth[:, None] * everything
    reach = np.empty(origins + 1)
    known = np.isfinite(errors)
    for row in range(origins + 1):
        distance = np.abs(errors) / (ahead[None, :] ** growth[row] * levels)
        weight = np.where(known, weights[row][:, None], 0.0)
        reach[row] = _weighted_quantile(distance[weight > 0], weight[weight > 0])
    half = reach[:, None] * scale
    counted = known.sum(axis=1)
    return Widths(
        spread=(size[:, None] * scale)[:-1],
        half_width=half[:-1],
        half_width_now=half[-1],
        learned_from=(counted.sum() - counted).astype(np.float64),
    )


def coverage(held: NDArray[np.bool_]) -> float:
    """Share of the outcomes that intervals held; NaN without any."""
    return float(held.mean()) if len(held) else math.nan


def do_hold(held: NDArray[np.bool_]) -> bool:
    """Whether intervals held 75 to 85 % of the outcomes. Of few outcomes no such share may be possible; then
    the next possible ones on both sides will do: of 3 outcomes 2 or 3."""
    outcomes, kept = len(held), int(held.sum())
    least, most = math.ceil(LEAST * outcomes - TINY), math.floor(MOST * outcomes + TINY)
    if least > most:
        least, most = most, least
    return outcomes > 0 and least <= kept <= most


def _weights(origins: int) -> Floats:
    place = np.arange(origins)
    weights: Floats = DECAY ** np.abs(place[:, None] - place[None, :])
    np.fill_diagonal(weights, 0.0)
    return weights


def _spread(errors: Floats, levels: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """For each row of weights over the origins the power of the months ahead that makes the errors most
    likely, and the root mean square at one month."""
    known = np.isfinite(errors)
    relative = np.where(known, errors / levels, 0.0)
    ahead = np.arange(1, errors.shape[1] + 1, dtype=np.float64)[None, :]
    count = weights @ known.sum(axis=1)
    far = weights @ (known * np.log(ahead)).sum(axis=1)
    squares = np.array(
        [weights @ ((relative / ahead**power) ** 2).sum(axis=1) for power in POWERS]
    ) / np.maximum(count, TINY)
    # Normal likelihood with the variance at its maximum; the first of equals is the smallest power.
    likelihood = -0.5 * count * np.log(np.maximum(squares, TINY**2)) - POWERS[:, None] * far
    best = likelihood.argmax(axis=0)
    return POWERS[best], np.sqrt(squares[best, np.arange(len(best))])


def _weighted_quantile(values: Floats, weights: Floats) -> float:
    """The smallest value up to which LEVEL of the weight lies; infinite without values."""
    if not len(values):
        return math.inf
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    place = int(np.searchsorted(reached, LEVEL * reached[-1] * (1 - 1e-12)))
    return float(values[order][place])
