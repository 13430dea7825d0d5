"""Invented customers whose truth is known: they buy at a gamma-distributed rate and leave as in MBG/NBD, or
never."""

from __future__ import annotations

import numpy as np

from dagster_project.lifetime_value.btyd import Cells
from dagster_project.lifetime_value.btyd.cells import Floats

TRUTH = (0.8, 60.0, 0.9, 2.5)


def buyers(
    number: int, leaves: bool, seed: int, horizon: float = 365.0, stride: int = 1
) -> tuple[Cells, Floats]:
    """Customers observed for up to 700 days, one row each, and their purchases within the horizon
    after."""
    dice = np.random.default_rng(seed)
    r, alpha, a, b = TRUTH
    rate, age = dice.gamma(r, 1 / alpha, number), dice.integers(30, 700, number).astype(float)
    chance = dice.beta(a, b, number) if leaves else np.zeros(number)
    now, last, frequency, later = (np.zeros(number) for _ in range(4))
    alive = np.flatnonzero(dice.random(number) >= chance)
    while len(alive):
        now[alive] += dice.gamma(stride, 1 / rate[alive])
        alive = alive[now[alive] <= (age + horizon)[alive]]
        early = now[alive] <= age[alive]
        frequency[alive[early]] += 1
        last[alive[early]] = now[alive[early]]
        later[alive[~early]] += 1
        alive = alive[dice.random(len(alive)) >= chance[alive]]
    return Cells(frequency, last, age), later
