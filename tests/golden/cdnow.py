"""Reads `cdnow_purchases.csv`, the CDNOW 1/10 sample (see `tests/golden/README.md`). Belongs here: the
purchases, and the published split of them. Does not belong here: a model."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dagster_project.lifetime_value.btyd import Purchases
from dagster_project.lifetime_value.btyd.cells import Floats

FIRST_DAY = date(1997, 1, 1).toordinal()
SPLIT = date(1997, 10, 1)
END = date(1998, 7, 1)


@dataclass(frozen=True)
class Cdnow:
    """Customers, one row each, in days and dollars, at the end of 1997-09-30 and in the 273 days
    after it."""

    frequency: Floats
    recency: Floats
    age: Floats
    monetary_value: Floats
    holdout_purchases: Floats
    holdout_spent: Floats
    holdout_days: float = 273.0


def purchases(until: date) -> Purchases:
    """Purchase days before a day."""
    customer, day, amount = _table()
    known = day < until.toordinal()
    return Purchases(customer[known], day[known], amount[known], until.toordinal())


def read() -> Cdnow:
    """The published split."""
    split = purchases(END).split(SPLIT.toordinal(), (END - SPLIT).days)
    return Cdnow(
        split.cells.frequency,
        split.cells.recency,
        split.cells.age,
        split.monetary_value,
        split.purchases,
        split.spent,
    )


def _table() -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    rows = []
    with (Path(__file__).parent / "cdnow_purchases.csv").open() as lines:
        for row in csv.DictReader(lines):
            for each in row["purchases"].split():
                day, amount = each.split(":")
                rows.append((int(row["customer"]), FIRST_DAY + int(day), float(amount)))
    customer, day, amount = zip(*rows, strict=True)
    return np.array(customer), np.array(day), np.array(amount)
