"""Invented customers whose truth is known: purchases at a gamma-distributed rate, leaving as in
MBG/NBD or never."""

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
    stay = np.flatnonzero(dice.random(number) >= chance)
    while len(stay):
        now[stay] += dice.gamma(stride, 1 / rate[stay])
        stay = stay[now[stay] <= (age + horizon)[stay]]
        early = now[stay] <= age[stay]
        frequency[stay[early]] += 1
        last[stay[early]] = now[stay[early]]
        later[stay[~early]] += 1
        stay = stay[dice.random(len(stay)) >= chance[stay]]
    return Cells(frequency, last, age), later
