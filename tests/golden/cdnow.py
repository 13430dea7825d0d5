"""Reads `cdnow_cells.csv`, the CDNOW 1/10 sample (see `tests/golden/README.md`). Belongs here: the table
as arrays. Does not belong here: a model."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


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


def _list(text: str) -> list[float]:
    """`1 0*3` is 1, 0, 0, 0."""
    values: list[float] = []
    for entry in text.split():
        value, _, times = entry.partition("*")
        values += [float(value)] * int(times or 1)
    return values


def read() -> Cdnow:
    """The whole sample."""
    columns: list[list[float]] = [[] for _ in range(6)]
    with (Path(__file__).parent / "cdnow_cells.csv").open() as lines:
        for row in csv.DictReader(lines):
            customers = int(row["customers"])
            for column, name in zip(
                columns, ("frequency", "recency_days", "age_days"), strict=False
            ):
                column += [float(row[name])] * customers
            lists = ("monetary_values", "holdout_purchases", "holdout_spent")
            for column, name in zip(columns[3:], lists, strict=True):
                values = _list(row[name])
                assert len(values) == customers
                column += values
    return Cdnow(*(np.array(column) for column in columns))
