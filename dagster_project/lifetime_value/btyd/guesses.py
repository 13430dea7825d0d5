"""What a person would guess without a model. Belongs here: guesses of orders and money. Does not belong here:
models, or which guess is the best."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dagster_project.lifetime_value.btyd.candidates import Said
from dagster_project.lifetime_value.btyd.cells import Floats
from dagster_project.lifetime_value.btyd.purchases import Split
from dagster_project.lifetime_value.btyd.vocabulary import Method


def guessed(splits: Sequence[Split]) -> dict[str, Said]:
    """What a person would guess: purchases at the rate so far (naive), or as many as in the year before the
    origin, pro rata (last_year); money likewise."""
    found: dict[str, Said] = {}
    own = np.concatenate([_rate(Method.NAIVE, split) * split.monetary_value for split in splits])
    last_year = np.concatenate([split.recent_spent * split.recent_share for split in splits])
    revenue = {
        Method.NAIVE: {str(Method.OWN_MEAN): own},
        Method.LAST_YEAR: {str(Method.LAST_YEAR): last_year},
    }
    for name in (Method.NAIVE, Method.LAST_YEAR):
        orders = np.concatenate([_rate(name, split) for split in splits])
        found[str(name)] = Said(orders, revenue[name])
    return found


def _rate(name: str, split: Split) -> Floats:
    if name == Method.LAST_YEAR:
        return split.recent_purchases * split.recent_share
    rate = split.cells.frequency / np.maximum(split.cells.age, 1.0)
    return np.minimum(rate, 1.0) * split.horizon
