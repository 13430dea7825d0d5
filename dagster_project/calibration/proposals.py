"""Proposes the thresholds of lapse and loyalty from the gaps between a shop's own orders.
Belongs here: the methods (docs/definitions.md, "Calibration", describes them). Does not belong
here: files and databases.

A return is a counted order that follows another of the same customer. Only returns after orders
that are old enough (`calibration_maturity_days` before as_of) are used: after younger orders, only
the quick returns have happened yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

DAY = 86_400
# Multiples are compared in steps of a tenth: a finer step would fit noise.
MULTIPLES = [Decimal(tenths) / 10 for tenths in range(10, 101)]
ORDER_COUNTS = range(2, 21)


@dataclass(frozen=True)
class Gap:
    """The gap after the `number`-th counted order of a customer: seconds to the next order (None: none yet),
    seconds since the first, and the number of counted orders in the loyalty window that ends with it."""

    number: int
    seconds: int | None
    seconds_since_first: int
    orders_in_window: int

    @property
    def mean_seconds(self) -> float | None:
        """Mean seconds between the orders so far; None for the first."""
        return self.seconds_since_first / (self.number - 1) if self.number > 1 else None


@dataclass(frozen=True)
class Proposal:
    """One proposed threshold. `proposed` is None when there is too little data; `because` is the evidence, or
    what is missing."""

    threshold: str
    current: Decimal
    proposed: Decimal | None
    because: str


def gaps(lives: Iterable[Sequence[int]], as_of: int, rules: Mapping[str, Decimal]) -> list[Gap]:
    """The gaps after all orders that are old enough. Each of `lives` is one customer's counted orders in order
    of time. Times and `as_of` are seconds since the same instant."""
    latest = as_of - int(rules["calibration_maturity_days"] * DAY)
    window = int(rules["loyal_window_days"] * DAY)
    found = []
    for orders in lives:
        oldest = 0
        for number, at in enumerate(orders, start=1):
            while orders[oldest] <= at - window:
                oldest += 1
            if at <= latest:
                after = orders[number] - at if number < len(orders) else None
                found.append(Gap(number, after, at - orders[0], number - oldest))
    return found


def proposals(found: Sequence[Gap], rules: Mapping[str, Decimal]) -> list[Proposal]:
    """One proposal for each threshold, in the order of the reference file. The multiple is chosen
    within the proposed floor and ceiling."""
    returns = [gap for gap in found if gap.seconds is not None]
    minimum_orders = rules["lapse_minimum_orders"]
    early = [gap for gap in returns if gap.number < minimum_orders]
    own = [gap for gap in returns if gap.number >= minimum_orders]
    share = rules["calibration_false_lost_share"]

    default = _quantile_of_days(early, 1 - share, rules)
    ceiling = _quantile_of_days(returns, 1 - rules["calibration_ceiling_share"], rules)
    floor = _quantile_of_days(_most_frequent(own, rules), 1 - share, rules)
    used_default = default or rules["lapse_default_days"]
    if ceiling is not None:
        ceiling = max(ceiling, used_default)
    if floor is not None:
        floor = min(floor, used_default)
    used_floor = floor or rules["lapse_floor_days"]
    used_ceiling = ceiling or rules["lapse_ceiling_days"]
    multiple = _multiple(own, used_floor, used_ceiling, rules)
    loyal = _loyal_order_count(found, used_default, rules)
    percent = f"{float(share):.0%} of {{}} returns came later"
    too_few = f"fewer than {rules['calibration_minimum_returns']:.0f} {{}}"

    def proposal(name: str, value: Decimal | None, words: str, missing: str) -> Proposal:
        return Proposal(name, rules[name], value, words if value is not None else missing)

    frequent = _most_frequent(own, rules)
    return [
        proposal(
            "loyal_order_count",
            loyal,
            f"from so many orders in the window on, {float(rules['calibration_loyal_return_share']):.0%} "
            "came back within the default lapse window",
            "no number of orders in the window promises a return",
        ),
        proposal(
            "lapse_gap_multiple",
            multiple,
            f"at most {percent.format(len(own))} than such a window",
            too_few.format("returns of customers with a gap of their own"),
        ),
        proposal(
            "lapse_floor_days",
            floor,
            f"at most {percent.format(len(frequent))}, of the customers who order most often",
            too_few.format("returns of the customers who order most often"),
        ),
        proposal(
            "lapse_ceiling_days",
            ceiling,
            f"at most {float(rules['calibration_ceiling_share']):.0%} of {len(returns)} returns came later",
            too_few.format("returns"),
        ),
        proposal(
            "lapse_default_days",
            default,
            f"at most {percent.format(len(early))}, after one of the first orders",
            too_few.format("returns after one of the first orders"),
        ),
    ]


def false_lost_share(found: Sequence[Gap], rules: Mapping[str, Decimal]) -> float | None:
    """The share of returns that came after these rules had put their customer in `lost`."""
    returns = [gap for gap in found if gap.seconds is not None]
    if not returns:
        return None
    return _false_lost_count(returns, rules) / len(returns)


def _false_lost_count(returns: Sequence[Gap], rules: Mapping[str, Decimal]) -> int:
    return sum((gap.seconds or 0) > _window_days(gap, rules) * DAY for gap in returns)


def _window_days(gap: Gap, rules: Mapping[str, Decimal]) -> int:
    """The lapse window as `int_orders_numbered` computes it: to the second, without doubles."""
    if gap.number < max(rules["lapse_minimum_orders"], Decimal(2)):
        return int(rules["lapse_default_days"])
    own = int(rules["lapse_gap_multiple"] * gap.seconds_since_first // (DAY * (gap.number - 1)))
    return max(int(rules["lapse_floor_days"]), min(own, int(rules["lapse_ceiling_days"])))


def _quantile_of_days(
    returns: Sequence[Gap], level: Decimal, rules: Mapping[str, Decimal]
) -> Decimal | None:
    """The fewest whole days within which at least this share of the returns came (the inverse of the empirical
    distribution: Hyndman and Fan 1996, definition 1)."""
    if len(returns) < rules["calibration_minimum_returns"]:
        return None
    days = sorted(ceil(gap.seconds / DAY) for gap in returns if gap.seconds is not None)
    return Decimal(max(1, days[max(0, ceil(level * len(days)) - 1)]))


def _most_frequent(own: Sequence[Gap], rules: Mapping[str, Decimal]) -> list[Gap]:
    """The returns of the customers whose mean gap at the time was among the shortest."""
    ranked = sorted(own, key=lambda gap: (gap.mean_seconds or 0, gap.seconds or 0, gap.number))
    return ranked[: ceil(rules["calibration_frequent_share"] * len(ranked))]


def _multiple(
    own: Sequence[Gap], floor: Decimal, ceiling: Decimal, rules: Mapping[str, Decimal]
) -> Decimal | None:
    if len(own) < rules["calibration_minimum_returns"]:
        return None
    for multiple in MULTIPLES:
        candidate = {
            **rules,
            "lapse_gap_multiple": multiple,
            "lapse_floor_days": floor,
            "lapse_ceiling_days": ceiling,
        }
        if _false_lost_count(own, candidate) <= rules["calibration_false_lost_share"] * len(own):
            return multiple
    return None


def _loyal_order_count(
    found: Sequence[Gap], default: Decimal, rules: Mapping[str, Decimal]
) -> Decimal | None:
    for count in ORDER_COUNTS:
        reached = [gap for gap in found if gap.orders_in_window >= count]
        if len(reached) < rules["calibration_minimum_returns"]:
            return None
        back = sum(gap.seconds is not None and gap.seconds <= default * DAY for gap in reached)
        if back >= rules["calibration_loyal_return_share"] * len(reached):
            return Decimal(count)
    return None
