"""The past as a backtest reads it: every purchase day of some customers. Belongs here: what was known on a day,
what followed, and the days (origins) on which forecasts are repeated. Does not belong here: a forecast."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dagster_project.lifetime_value.btyd.cells import Cells, Floats, SpendCells

WEEK = 7
SHORTEST, MOST_ORIGINS = 28, 6
YEAR = 365


@dataclass(frozen=True, eq=False)
class Split:
    """A split of the past: customers before an origin, one row each, and what they did in the holdout after it.
    Money is empty where it is unknown.

    Attributes:
        cells: history up to the origin, one row per customer.
        horizon: length of the holdout, in the cells' unit of time.
        purchases: purchase days in the holdout.
        spend_frequency: purchase days that `monetary_value` is the mean of.
        monetary_value: mean spend of these days; 0 where there is none.
        spent: money spent in the holdout, at least 0.
        recent_share: length of the holdout over that of the recent past, at most the year before the origin.
        recent_purchases: purchase days in the recent past.
        recent_spent: money spent in the recent past, at least 0.
        customer: number of the customer, the same in every split of one past.
    """

    cells: Cells
    horizon: float
    purchases: Floats
    spend_frequency: Floats
    monetary_value: Floats
    spent: Floats
    recent_share: float
    recent_purchases: Floats
    recent_spent: Floats
    customer: NDArray[np.intp]

    @cached_property
    def gathered(self) -> tuple[Cells, NDArray[np.intp]]:
        """Distinct histories, and which of them each customer has."""
        return self.cells.gathered()

    def spend_cells(self) -> SpendCells:
        """The customers who spent before the origin."""
        own = (self.spend_frequency > 0) & (self.monetary_value > 0)
        return SpendCells(self.spend_frequency[own], self.monetary_value[own])


class Purchases:
    """Purchase days of some customers before a day.

    Attributes:
        customer: number of the customer of each purchase day, ascending.
        day: its date as a number of days, ascending within a customer, each date once.
        amount: revenue of the day.
        until: the day, exclusive.
    """

    def __init__(
        self, customer: NDArray[np.intp], day: NDArray[np.intp], amount: Floats, until: int
    ) -> None:
        order = np.lexsort((day, customer))
        self.customer, self.day, self.amount = customer[order], day[order], amount[order]
        self.until = until
        is_first = np.ones(len(self.day), dtype=bool)
        is_first[1:] = np.diff(self.customer) != 0
        self._is_first = is_first
        self._first = self.day[is_first][
            np.cumsum(is_first) - 1
        ]  # day of the customer's first purchase
        if (self.day >= until).any():
            raise ValueError("there are purchases after the end")

    def __len__(self) -> int:
        return len(self.day)

    @cached_property
    def log_gaps(self) -> float:
        """Sum of the logarithms of the days between purchases."""
        gaps = np.diff(self.day)[~self._is_first[1:]]
        sizes, counts = np.unique(gaps, return_counts=True)
        return float((counts * np.log(sizes)).sum())

    def origins(self, longest: int) -> tuple[int, list[int]]:
        """The length of the holdouts in days, and the days on which they begin, newest first.

        A holdout takes a quarter of the past, in whole weeks, at least four and at most `longest` days. Origins
        are half a holdout apart and have at least a third of the past before them. The past begins when one
        customer in a hundred had come, as single records are often misdated."""
        if not len(self):
            return SHORTEST, []
        firsts = np.sort(self.day[self._is_first])
        past = self.until - int(firsts[len(firsts) // 100])
        holdout = max(SHORTEST, min(longest, past // 4) // WEEK * WEEK)
        step = max(WEEK, holdout // 2 // WEEK * WEEK)
        days = [self.until - holdout - step * number for number in range(MOST_ORIGINS)]
        return holdout, [day for day in days if day - (self.until - past) >= past / 3]

    def split(self, origin: int, horizon: int) -> Split:
        """What was known on the morning of a day, and what happened on the `horizon` days from it on."""
        known = self.day < origin
        customers, start, size = np.unique(
            self.customer[known], return_index=True, return_counts=True
        )
        first, last = self.day[known][start], self.day[known][start + size - 1]
        place = np.searchsorted(customers, self.customer)
        money = np.maximum(self.amount, 0.0)

        def counted(rows: NDArray[np.bool_], weight: Floats | None = None) -> Floats:
            weights = None if weight is None else weight[rows]
            return np.bincount(place[rows], weights, minlength=len(customers)).astype(np.float64)

        later = (self._first < origin) & ~known & (self.day < origin + horizon)
        repeated = known & ~self._is_first & (self.amount > 0)
        recent_days = min(YEAR, origin - int(first.min())) if len(first) else YEAR
        recent = known & (self.day >= origin - recent_days)
        spend_frequency = counted(repeated)
        return Split(
            Cells(size - 1.0, last - first, origin - 1.0 - first),
            float(horizon),
            counted(later),
            spend_frequency,
            counted(repeated, money) / np.maximum(spend_frequency, 1),
            np.maximum(counted(later, self.amount), 0.0),
            horizon / recent_days,
            counted(recent),
            np.maximum(counted(recent, self.amount), 0.0),
            customers,
        )

    def by_week(self, origin: int, weeks: int) -> Floats:
        """Purchase days within 1, 2, ... weeks from a day on, of customers who had bought before it."""
        later = (self._first < origin) & (self.day >= origin) & (self.day < origin + WEEK * weeks)
        each = np.bincount((self.day[later] - origin) // WEEK, minlength=weeks)
        result: Floats = np.cumsum(each).astype(np.float64)
        return result

    def cells(self) -> Cells:
        """The distinct histories up to the end."""
        return self.split(self.until, WEEK).gathered[0]
