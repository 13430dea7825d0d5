"""The gaps after a shop's counted orders, those still open included, and how many customers came back after
they were called lost. Belongs here: gaps, lapse windows, and Kaplan and Meier's estimate over them. Does not
belong here: what the thresholds should be (`proposals.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

DAY = 86_400
MONTH_DAYS = 30
Rules = Mapping[str, Decimal]


@dataclass(frozen=True)
class Gaps:
    """One element per counted order of a customer. `number`: which order of the customer it is. `seconds`: to
    the next one, or to as_of where none has come yet (`is_open`). `since_first`: seconds since the customer's
    first order. `in_window`: counted orders in the loyalty window that ends with it."""

    number: NDArray[np.int64]
    seconds: NDArray[np.int64]
    is_open: NDArray[np.bool_]
    since_first: NDArray[np.int64]
    in_window: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> Gaps:
        """The chosen gaps."""
        return Gaps(
            self.number[chosen],
            self.seconds[chosen],
            self.is_open[chosen],
            self.since_first[chosen],
            self.in_window[chosen],
        )

    @property
    def return_count(self) -> int:
        """Gaps that ended in an order."""
        return int((~self.is_open).sum())


@dataclass(frozen=True)
class LostReturns:
    """Of the gaps longer than their lapse window, the share that ended in an order within `months` months after
    it. `months`: as many as customers could be followed for; 0 when there are too few, and then `share` is
    None."""

    lost_count: int
    months: int
    share: float | None


def gaps(lives: Iterable[Sequence[int]], as_of: int, rules: Rules) -> Gaps:
    """The gaps after all orders. Each of `lives` is one customer's counted orders in order of time. Times and
    `as_of` are seconds since the same instant."""
    window = int(rules["loyal_window_days"] * DAY)
    rows: list[tuple[int, int, bool, int, int]] = []
    for orders in lives:
        oldest = 0
        for number, at in enumerate(orders, start=1):
            while orders[oldest] <= at - window:
                oldest += 1
            is_open = number == len(orders)
            until = as_of if is_open else orders[number]
            rows.append((number, until - at, is_open, at - orders[0], number - oldest))
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    return Gaps(table[:, 0], table[:, 1], table[:, 2].astype(bool), table[:, 3], table[:, 4])


def has_default_window(found: Gaps, rules: Rules) -> NDArray[np.bool_]:
    """Whether the order is one of those that use the shop's default window."""
    return found.number < max(int(rules["lapse_minimum_orders"]), 2)


def window_days(found: Gaps, rules: Rules) -> NDArray[np.int64]:
    """The lapse windows as `int_orders_numbered` computes them: to the second, without doubles."""
    ten_thousandths = int(rules["lapse_gap_multiple"] * 10_000)
    divisor = 10_000 * DAY * np.maximum(found.number - 1, 1)
    own = np.clip(
        ten_thousandths * found.since_first // divisor,
        int(rules["lapse_floor_days"]),
        max(int(rules["lapse_ceiling_days"]), 0),
    )
    return np.where(has_default_window(found, rules), int(rules["lapse_default_days"]), own)


def lost_returns(found: Gaps, rules: Rules) -> LostReturns:
    """How many of the customers whom these rules called lost came back, as `rpt_lost_returns` has it."""
    seconds = found.seconds - window_days(found, rules) * DAY
    is_lost = seconds > 0
    return _followed(seconds[is_lost] // DAY, found.is_open[is_lost], rules)


def away_shares(days: NDArray[np.int64], is_open: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Kaplan and Meier's estimate: the share that had not come back by the end of each day, from day 0 on. Who
    is still away counts as long as they were observed. JASA 53 (1958), 457-481."""
    left = np.bincount(days, minlength=1)
    returned = np.bincount(days[~is_open], minlength=len(left))
    at_risk = left[::-1].cumsum()[::-1]
    return np.cumprod(1 - returned / np.maximum(at_risk, 1))


def _followed(days: NDArray[np.int64], is_open: NDArray[np.bool_], rules: Rules) -> LostReturns:
    """The share that came back, of those who were away for so many days after they were called lost."""
    beginnings = np.arange(int(rules["lost_return_months"])) * MONTH_DAYS
    at_risk = len(days) - np.searchsorted(np.sort(days), beginnings)
    months = int((at_risk >= int(rules["return_minimum_intervals"])).sum())
    if months == 0:
        return LostReturns(len(days), 0, None)
    away = away_shares(days, is_open)
    share = 1 - away[min(MONTH_DAYS * months, len(away)) - 1]
    return LostReturns(len(days), months, round(float(share), 9))
