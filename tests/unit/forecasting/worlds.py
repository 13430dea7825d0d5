"""Made-up histories whose best forecast is known. Belongs here: planted worlds, from a seed. Does not
belong here: expectations."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dagster_project.forecasting import baselines
from dagster_project.forecasting.gate import Rolled
from dagster_project.forecasting.origins import origins, outcomes, with_history
from dagster_project.forecasting.spells import NOWHERE, Spells

Floats = NDArray[np.float64]


def random_walk(months: int, seed: int, series: int = 4, step: float = 8.0) -> Floats:
    """(series, months): no change is the best forecast."""
    moves = np.random.default_rng(seed).normal(0.0, step, (series, months))
    return np.round(400 + np.cumsum(moves, axis=1))


def line(months: int, seed: int, series: int = 4, noise: float = 3.0) -> Floats:
    """(series, months): grows by a fixed number a month; what is counted is off by a little."""
    off = np.random.default_rng(seed).normal(0.0, noise, (series, months))
    slope = np.linspace(4, 12, series)[:, None]
    return np.round(200 + slope * np.arange(months)[None, :] + off)


def season(months: int, seed: int, series: int = 4, noise: float = 4.0) -> Floats:
    """(series, months): the same every year, and a little off."""
    off = np.random.default_rng(seed).normal(0.0, noise, (series, months))
    wave = 60 * np.sin(2 * np.pi * np.arange(months) / 12)
    return np.round(300 + wave[None, :] + off)


def rolled_stocks(history: Floats, minimum_months: int = 6, horizon: int = 12) -> Rolled:
    """The baselines of `history` (series, months), as the stages' forecast rolls them."""
    months, names = history.shape[1], [f"s{number}" for number in range(len(history))]
    guesses = with_history(baselines.STOCKS, months, minimum_months)
    past = origins(months, minimum_months)
    expected = np.array(
        [
            [
                baselines.not_below_zero(guess(history[:, : origin + 1], horizon)).T
                for origin in [*past, months - 1]
            ]
            for guess in guesses.values()
        ]
    )
    levels = np.sqrt(np.maximum(expected, 1.0))
    return Rolled(
        candidates=list(guesses),
        series=names,
        expected=expected[:, :-1],
        levels=levels[:, :-1],
        actual=outcomes(history, past, horizon),
        expected_now=expected[:, -1],
        levels_now=levels[:, -1],
        lowest=np.zeros(len(names)),
        chosen_by=names,
        digits=6,
    )


def lives(months: int, arrivals: int, seed: int, leaves_at: int | None = None) -> Spells:
    """Two stages. Customers arrive in stage 0 and leave it for stage 1: after `leaves_at` months in it (nine
    in ten), or at the same rate every month. Nobody leaves stage 1."""
    rng = np.random.default_rng(seed)
    rows: dict[tuple[int, int, int, int, bool], int] = {}
    for start in range(months):
        # Some months bring ten times as many, without a season, and so does the month in which these leave.
        for _ in range(int(rng.poisson(arrivals * (10 if start % 17 in (2, 7) else 1)))):
            waits = int(rng.geometric(0.15)) if leaves_at is None else leaves_at
            if leaves_at is not None and rng.random() < 0.1:
                waits = 10_000
            ends = [start, min(start + waits, months)]
            path = [(0, ends[0], ends[1] - 1)]
            if ends[1] < months:
                path.append((1, ends[1], months - 1))
            following = [after[0] for _, after in pairwise(path)] + [NOWHERE]
            for (stage, first, last), then in zip(path, following, strict=True):
                key = (stage, first, last, then, stage == 0)
                rows[key] = rows.get(key, 0) + 1
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return Spells(
        stages=2,
        months=months,
        stage=columns[0],
        first=columns[1],
        last=columns[2],
        following=columns[3],
        is_new=columns[4].astype(bool),
        count=np.array([float(count) for count in rows.values()]),
    )
