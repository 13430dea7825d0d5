"""Invented customers as a table. Belongs here: their histories, drawn from the model that all three
programs then fit (MBG/NBD and Gamma-Gamma). Does not belong here: fitting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

R, ALPHA, A, B = 0.8, 60.0, 0.9, 2.5
P, Q, V = 6.0, 4.0, 15.0
YOUNGEST, OLDEST = 30, 730


def write_customers(number: int, file: Path, seed: int = 1) -> None:
    """`number` rows: customer, frequency, recency, age (days), monetary_value (0 without a repeat)."""
    dice = np.random.default_rng(seed)
    rate, leaving = dice.gamma(R, 1 / ALPHA, number), dice.beta(A, B, number)
    age = dice.integers(YOUNGEST, OLDEST, number).astype(np.float64)
    now, frequency, recency = (np.zeros(number) for _ in range(3))
    active = np.flatnonzero(dice.random(number) >= leaving)
    while len(active):
        # Purchases are counted by the day, so a later one is at least a day later.
        now[active] = np.maximum(
            now[active] + dice.exponential(1 / rate[active]), recency[active] + 1
        )
        active = active[now[active] <= age[active]]
        frequency[active] += 1
        recency[active] = np.floor(now[active])
        active = active[dice.random(len(active)) >= leaving[active]]
    worth = V / dice.gamma(Q, size=number)
    spent = dice.gamma(P * np.maximum(frequency, 1)) * worth / np.maximum(frequency, 1)
    table = {
        "customer": np.arange(number),
        "frequency": frequency.astype(np.int32),
        "recency": recency.astype(np.int32),
        "age": age.astype(np.int32),
        "monetary_value": np.where(frequency > 0, np.round(spent, 2) + 0.01, 0.0),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(table), file)
