"""The inputs of the lifecycles' rules. Belongs here: the rules' thresholds, and what counts as a first
touch, a question, a delivery, a signal, an opinion. Does not belong here: stages (`stages.py`), money and
whether an order counts (`accounts.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from demo_company.lives import ASKING, Life
from demo_company.plan import known_by

NEVER_DELIVERED = ("cancelled", "failed")
DELIVERED = ("delivered", "completed", "returned")


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of the rules, with their defaults."""

    loyal_order_count: int = 4
    loyal_window_days: int = 365
    lapse_gap_multiple: int = 3
    lapse_floor_days: int = 60
    lapse_ceiling_days: int = 365
    lapse_default_days: int = 180
    lapse_minimum_orders: int = 3
    positive_rating: int = 4
    negative_rating: int = 2
    promoter_score: int = 9
    detractor_score: int = 6
    positive_sentiment: int = 30  # hundredths


DEFAULTS = Thresholds()


@dataclass(frozen=True)
class Past:
    """A person's past before as_of, as the rules use it. For each order: its time, the time of its
    delivery (None: not yet delivered, or never), and whether it can be delivered at all."""

    first_touch_at: datetime
    counted: list[datetime]
    orders: list[tuple[datetime, datetime | None, bool]]
    checkouts: list[tuple[datetime, datetime | None]]
    asked: list[datetime]
    signals: list[datetime]
    opinions: list[tuple[datetime, bool]]


def past_of(
    life: Life, counted: list[datetime], as_of: datetime, rules: Thresholds = DEFAULTS
) -> Past | None:
    """A life's past before as_of; None if the person was not seen. `counted` are the times of the orders
    that count, in order."""

    seen_at = [
        contact.at
        for contact in life.who.contacts
        if contact.deleted_at is None or contact.deleted_at >= as_of
    ]
    kinds = (life.interactions, life.tickets, life.orders, life.checkouts, life.reviews)
    for records in (*kinds, life.answers, life.referrals, life.loyalty):
        seen_at += [record.at for record in records]
    seen_at = [at for at in seen_at if at < as_of]
    if not seen_at:
        return None
    orders = []
    for order in life.orders:
        if order.at < as_of:
            status = order.exported_status
            arrived_at = order.delivered_at or (order.at if status in DELIVERED else None)
            can_arrive = status not in NEVER_DELIVERED
            delivered_at = known_by(arrived_at, as_of) if can_arrive else None
            orders.append((order.at, delivered_at, can_arrive))
    checkouts = []
    for checkout in life.checkouts:
        ends = [known_by(checkout.completed_at, as_of), known_by(checkout.abandoned_at, as_of)]
        ended_at = min((end for end in ends if end is not None), default=None)
        if checkout.at < as_of:
            checkouts.append((checkout.at, ended_at))
    asked = [t.at for t in life.interactions if t.kind in ASKING and t.direction != "outbound"]
    asked += [t.at for t in life.tickets if not any(order.at <= t.at for order in life.orders)]
    nps = [answer for answer in life.answers if answer.kind == "nps"]
    signals = [referral.at for referral in life.referrals]
    signals += [a.at for a in nps if a.score >= rules.promoter_score]
    signals += [
        review.at
        for review in life.reviews
        if review.rating >= rules.positive_rating and review.is_public is not False
    ]
    signals += [
        post.at
        for post in life.interactions
        if post.kind == "social_post" and (post.sentiment or -100) >= rules.positive_sentiment
    ]
    opinions = [(review.at, review.rating <= rules.negative_rating) for review in life.reviews]
    opinions += [(a.at, a.score <= rules.detractor_score) for a in nps]
    return Past(
        first_touch_at=min(seen_at),
        counted=counted,
        orders=orders,
        checkouts=checkouts,
        asked=[at for at in asked if at < as_of],
        signals=[at for at in signals if at < as_of],
        opinions=[opinion for opinion in opinions if opinion[0] < as_of],
    )
