"""The stages of a life, by the rules of both lifecycles, in plain loops. Belongs here: the rules,
written a second time and without any SQL, so that the two can be compared. Does not belong here: the
rules' inputs (`pasts.py`). It is slow and simple on purpose: at every instant at which something may
change, the whole past is evaluated again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from demo_company.pasts import DEFAULTS, Past, Thresholds


@dataclass(frozen=True)
class Interval:
    """A customer was in a stage from `valid_from` until before `valid_to` (None: the interval is open)."""

    lifecycle: str
    stage: str
    valid_from: datetime
    valid_to: datetime | None


def intervals(past: Past, as_of: datetime, rules: Thresholds = DEFAULTS) -> list[Interval]:
    """All stage intervals of one customer: relationship first, then journey, each in order of time."""
    moments = {past.first_touch_at, *past.counted, *past.asked, *past.signals}
    moments |= {at for at, _ in past.opinions}
    from_to = [*past.checkouts, *((placed, delivered) for placed, delivered, _ in past.orders)]
    for started_at, ended_at in from_to:
        moments |= {started_at} if ended_at is None else {started_at, ended_at}
    for number, at in enumerate(past.counted, start=1):
        moments.add(at + timedelta(days=rules.loyal_window_days))
        moments.add(at + lapse_window(past.counted[:number], rules))
    instants = sorted(at for at in moments if past.first_touch_at <= at < as_of)
    lifecycles: dict[str, Callable[[Past, datetime, Thresholds], str]]
    lifecycles = {"relationship": relationship_stage, "journey": journey_stage}
    found: list[Interval] = []
    for lifecycle, stage_at in lifecycles.items():
        entered: list[tuple[str, datetime]] = []
        for now in instants:
            stage = stage_at(past, now, rules)
            if not entered or entered[-1][0] != stage:
                entered.append((stage, now))
        for position, (stage, start) in enumerate(entered):
            end = entered[position + 1][1] if position + 1 < len(entered) else None
            found.append(Interval(lifecycle, stage, start, end))
    return found


def lapse_window(counted: list[datetime], rules: Thresholds) -> timedelta:
    """The time after the last of these orders, given in order of time, from which a customer is lost."""
    gaps = len(counted) - 1
    if len(counted) < rules.lapse_minimum_orders:
        return timedelta(days=rules.lapse_default_days)
    seconds = int((counted[-1] - counted[0]).total_seconds())
    days = rules.lapse_gap_multiple * seconds // (86_400 * gaps)
    return timedelta(days=max(rules.lapse_floor_days, min(days, rules.lapse_ceiling_days)))


def relationship_stage(past: Past, now: datetime, rules: Thresholds) -> str:
    """The stage in the relationship lifecycle at an instant."""
    counted = [at for at in past.counted if at <= now]
    if not counted:
        return "prospect"
    if now >= counted[-1] + lapse_window(counted, rules):
        return "lost"
    window_start = now - timedelta(days=rules.loyal_window_days)
    if sum(at > window_start for at in counted) >= rules.loyal_order_count:
        return "loyal"
    return "repeat_purchase" if len(counted) >= 2 else "first_purchase"


def journey_stage(past: Past, now: datetime, rules: Thresholds) -> str:
    """The stage in the journey lifecycle at an instant."""
    has_bought = any(at <= now for at in past.counted)
    has_advocated = any(at <= now for at in past.signals)
    if has_bought and has_advocated and not _latest_opinion_is_negative(past, now):
        return "advocacy"
    orders = [order for order in past.orders if order[0] <= now]
    deliveries = [end for _, end, _ in orders if end is not None and end <= now]
    for _, delivered_at, can_arrive in orders:
        if can_arrive and (delivered_at is None or delivered_at > now):
            return "purchase"
    checkouts = [checkout for checkout in past.checkouts if checkout[0] <= now]
    for started_at, ended_at in checkouts:
        ended = ended_at is not None and ended_at <= now
        ordered = any(at >= started_at for at, _, _ in orders)
        delivered = any(at >= started_at for at in deliveries)
        if not (ended or ordered or delivered):
            return "purchase"
    if (checkouts or orders) and not deliveries:
        return "purchase"
    if deliveries:
        return "post_purchase_engagement"
    return "education" if any(at <= now for at in past.asked) else "discovery"


def _latest_opinion_is_negative(past: Past, now: datetime) -> bool:
    so_far = [opinion for opinion in past.opinions if opinion[0] <= now]
    latest = max((at for at, _ in so_far), default=None)
    return any(negative for at, negative in so_far if at == latest)
