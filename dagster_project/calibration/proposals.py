"""Proposes the thresholds of lapse and loyalty from the gaps between a shop's own orders.
Belongs here: the methods (docs/definitions.md, "Calibration", describes them). Does not belong
here: the gaps themselves (`gaps.py`), files and databases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import ceil

from dagster_project.calibration.gaps import (
    DAY,
    Gaps,
    LostReturns,
    Rules,
    away_shares,
    has_default_window,
    lost_returns,
    window_days,
)

# Multiples are compared in steps of a half: a finer step would fit noise.
MULTIPLES = [Decimal(halves) / 2 for halves in range(2, 21)]
# The ceiling as a multiple of the default window, and how many floors up to the default are compared.
CEILINGS = (Decimal(1), Decimal("1.5"), Decimal(2))
FLOORS = 60
ORDER_COUNTS = range(2, 21)
# How far below `lost_return_share` each kind of window remains, until both together keep to that.
MARGINS = [Decimal(hundredths) / 100 for hundredths in range(6)]


@dataclass(frozen=True)
class Proposal:
    """One proposed threshold. `proposed` is None when the past allows none; `because` is the evidence, or
    what is missing."""

    threshold: str
    current: Decimal
    proposed: Decimal | None
    because: str


def proposals(found: Gaps, rules: Rules) -> list[Proposal]:
    """One proposal for each threshold, in the order of the reference file."""
    windows = _windows(found, rules)
    is_default = has_default_window(found, rules)
    share = f"{float(rules['lost_return_share']):.0%}"

    def window(name: str, kind: Gaps) -> Proposal:
        proposed = windows.get(name)
        if proposed is not None:
            because = f"at most {share} of the customers called lost came back"
        elif kind.return_count < rules["calibration_minimum_returns"]:
            because = f"fewer than {rules['calibration_minimum_returns']:.0f} returns"
        else:
            because = f"no window that history can judge lets at most {share} come back"
        return Proposal(name, rules[name], proposed, because)

    default = window("lapse_default_days", found.where(is_default))
    loyal = _loyal_order_count(found, default.proposed or default.current, rules)
    back = f"{float(rules['calibration_loyal_return_share']):.0%}"
    return [
        Proposal(
            "loyal_order_count",
            rules["loyal_order_count"],
            loyal,
            f"from so many orders in the window on, {back} came back within the default lapse window"
            if loyal is not None
            else "no number of orders in the window promises a return",
        ),
        window("lapse_gap_multiple", found.where(~is_default)),
        window("lapse_floor_days", found.where(~is_default)),
        window("lapse_ceiling_days", found),
        default,
    ]


def longest_judged(found: Gaps, rules: Rules) -> tuple[int, LostReturns] | None:
    """The longest single window after which customers could be followed for long enough, and how many came back
    after it. None when there is none."""
    return max(_judged(found, rules), key=lambda judged: judged[0], default=None)


def _judged(found: Gaps, rules: Rules) -> Iterable[tuple[int, LostReturns]]:
    """Every single window of whole days that history can judge, and how many came back after it."""
    days = 0
    while len(found.number):
        days += 1
        found = found.where(found.seconds > days * DAY)
        one = {"lapse_default_days", "lapse_floor_days", "lapse_ceiling_days"}
        returns = lost_returns(found, {**rules, **dict.fromkeys(one, Decimal(days))})
        # After a longer window, fewer customers can be followed.
        if returns.months < rules["lost_return_minimum_months"]:
            return
        yield days, returns


def _windows(found: Gaps, rules: Rules) -> dict[str, Decimal]:
    """The proposed windows, such that the share of all customers called lost who came back is small enough.
    The two kinds of window are followed for different times, so that both together may just miss a share that
    each keeps."""
    first = _windows_within(found, rules)
    for margin in MARGINS:
        limit = rules["lost_return_share"] - margin
        proposed = (
            _windows_within(found, {**rules, "lost_return_share": limit}) if margin else first
        )
        share = lost_returns(found, {**rules, **proposed}).share
        if share is not None and share <= rules["lost_return_share"]:
            return proposed
    return first


def _windows_within(found: Gaps, rules: Rules) -> dict[str, Decimal]:
    is_default = has_default_window(found, rules)
    default = _default(found.where(is_default), rules)
    used = {**rules, "lapse_default_days": default or rules["lapse_default_days"]}
    own = _own(found.where(~is_default), used)
    if default is None:
        return own
    ceiling = max(rules["lapse_ceiling_days"], default)
    return {"lapse_ceiling_days": ceiling, **own, "lapse_default_days": default}


def _default(early: Gaps, rules: Rules) -> Decimal | None:
    """The shortest window after which few enough came back."""
    if early.return_count < rules["calibration_minimum_returns"]:
        return None
    limit = float(rules["lost_return_share"])
    for days, returns in _judged(early, rules):
        if returns.share is not None and returns.share <= limit:
            return Decimal(days)
    return None


def _own(own: Gaps, rules: Rules) -> dict[str, Decimal]:
    """The multiple, the floor (at most the default) and the ceiling (at least the default) with which customers
    are called lost soonest, on average over all orders, and few enough came back."""
    if own.return_count < rules["calibration_minimum_returns"]:
        return {}
    default = int(rules["lapse_default_days"])
    best: tuple[float, dict[str, Decimal]] | None = None
    for multiple, ceiling in product(MULTIPLES, CEILINGS):
        chosen = {
            "lapse_gap_multiple": multiple,
            "lapse_floor_days": Decimal(1),
            "lapse_ceiling_days": Decimal(ceil(ceiling * default)),
        }
        # A floor only makes windows longer: who is not lost without one is not lost with it.
        lost = own.where(own.seconds > window_days(own, {**rules, **chosen}) * DAY)
        for days in range(1, default + 1, ceil(default / FLOORS)):
            chosen = {**chosen, "lapse_floor_days": Decimal(days)}
            returns = lost_returns(lost, {**rules, **chosen})
            if returns.months < rules["lost_return_minimum_months"]:
                break
            if returns.share is not None and returns.share <= float(rules["lost_return_share"]):
                mean = float(window_days(own, {**rules, **chosen}).mean())
                best = min(best or (mean, chosen), (mean, chosen), key=lambda each: each[0])
                break
    return best[1] if best else {}


def _loyal_order_count(found: Gaps, default: Decimal, rules: Rules) -> Decimal | None:
    """The fewest orders in the loyalty window after which enough customers came back within the default
    window."""
    for count in ORDER_COUNTS:
        reached = found.where(found.in_window >= count)
        if len(reached.number) < rules["calibration_minimum_returns"]:
            return None
        away = away_shares(-(-reached.seconds // DAY), reached.is_open)
        back = 1 - away[min(int(default), len(away) - 1)]
        if back >= float(rules["calibration_loyal_return_share"]):
            return Decimal(count)
    return None
