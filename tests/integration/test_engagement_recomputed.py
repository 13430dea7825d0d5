"""The results of channels, content and checkouts: recomputed in plain Python from the delivered files, exactly
equal. Belongs here: the marts of the schema engagement about the way to an order."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.support.delivered import (
    OF_PEOPLE,
    Delivered,
    Order,
    Record,
    middle,
    reference,
    share,
)
from tests.support.installation import Installation

DAY = timedelta(days=1)
Touch = tuple[datetime, int, str, str, str]
MICRO = 1_000_000
MARKETING = {
    row["attribution_channel"]
    for row in reference("acquisition_channels")
    if row["is_marketing"] == "true"
}


def _month(at: datetime) -> date:
    return at.date().replace(day=1)


def _on_the_way(order: Order, before: Order | None, at: datetime) -> bool:
    return order.ordered_at - 90 * DAY <= at <= order.ordered_at and (
        before is None or at > before.ordered_at
    )


def _meanings() -> dict[str, str]:
    """The channel that each delivered wording is credited to, as the data of the tests words it."""
    return {
        row["delivered_channel"]: row["attribution_channel"]
        for row in reference("acquisition_channels")
    }


def _touches(delivered: Delivered) -> dict[str | None, list[Touch]]:
    """Every touchpoint with a known channel: time, rank of its kind, id, channel, campaign."""
    rank = {row["activity"]: int(row["activity_rank"]) for row in reference("activities")}
    kinds = {row["activity"]: row["channel"] or "unknown" for row in reference("touchpoints")}
    means = _meanings()
    found: dict[str | None, list[Touch]] = defaultdict(list)
    named = [("contact_created", each, "contact_id") for each in delivered.of("contacts")]
    named = [each for each in named if not delivered.before(each[1].get("deleted_at"))]
    named += [(each["kind"], each, "interaction_id") for each in delivered.of("interactions")]
    for kind, each, key in named:
        wording = each.get("acquisition_channel" if key == "contact_id" else "channel")
        channel = means.get((wording or "").lower(), "unknown")
        channel = kinds.get(kind, "unknown") if channel == "unknown" else channel
        if kind in kinds and channel != "unknown":
            touch = (each["at"], rank[kind], each[key], channel, each.get("campaign") or "none")
            found[each["customer"]].append(touch)
    return found


def _credits(count: int, model: str, whole: int) -> list[int]:
    """The share of each of `count` touchpoints in a whole: rounded down, with the rest for the last."""
    if model == "first":
        parts = [MICRO] + [0] * (count - 1)
    elif model == "last":
        parts = [0] * (count - 1) + [MICRO]
    elif model == "linear":
        parts = [MICRO // count] * count
    elif count == 2:
        parts = [MICRO * 4 // 8] * 2
    else:
        parts = [400_000] + [200_000 // max(count - 2, 1)] * (count - 2) + [400_000]
    sign = -1 if whole < 0 else 1
    early = [sign * (abs(whole) * part // MICRO) for part in parts[: count - 1]]
    return [*early, whole - sum(early)]


def test_channel_and_campaign_attribution(installation: Installation, delivered: Delivered) -> None:
    touches = _touches(delivered)
    days = {
        row["channel"]: int(row["attribution_days"] or 90)
        for row in reference("attribution_channels")
    }
    expected: dict[tuple[date, str, str, str], list[Decimal]] = defaultdict(
        lambda: [Decimal(0), Decimal(0)]
    )
    nobody = [order for order in delivered.orders if order.is_counted and not order.customer]
    of_customers = [order for orders in delivered.bought.values() for order in orders]
    own = {each["order_id"]: each for each in delivered.of("orders")}
    means = _meanings()
    for order in [*nobody, *of_customers]:
        way = sorted(
            each
            for each in touches[order.customer]
            if order.customer
            and order.ordered_at - days[each[3]] * DAY <= each[0] <= order.ordered_at
        )
        named = means.get((own[order.order_id].get("channel") or "").lower(), "unknown")
        ends = [(channel, campaign) for *_, channel, campaign in way]
        ends += [(named, "none")] * (named in MARKETING or not ends)
        if campaign := own[order.order_id].get("campaign"):
            ends[-1] = ends[-1][0], campaign
        for model in ("first", "last", "linear", "position_based"):
            parts = _credits(len(ends), model, MICRO)
            cents = _credits(len(ends), model, int(order.net * 100))
            for end, part, cent in zip(ends, parts, cents, strict=True):
                credit = expected[_month(order.ordered_at), model, *end]
                credit[0] += Decimal(part) / MICRO
                credit[1] += Decimal(cent) / 100
    channels: dict[tuple[date, str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 2)
    for (month, model, channel, _), (part, cent) in expected.items():
        before = channels[month, model, channel]
        channels[month, model, channel] = [before[0] + part, before[1] + cent]
    with installation.served() as connection:
        for name, keys, sums in (
            ("rpt_campaign_attribution", "channel, campaign", expected),
            ("rpt_channel_attribution", "channel", channels),
        ):
            rows = connection.execute(
                f"select month, attribution_model, {keys}, credited_order_count,"
                f" credited_net_revenue from engagement.{name}"
            ).fetchall()
            assert {tuple(key): [a, b] for *key, a, b in rows} == sums
    assert expected


def _first_seen(delivered: Delivered) -> dict[str, date]:
    """The day on which each customer was first in touch."""
    found: dict[str, date] = {}
    for entity in OF_PEOPLE:
        for each in delivered.of(entity):
            gone = entity == "contacts" and delivered.before(each.get("deleted_at"))
            if each["customer"] and not gone:
                day = each["at"].date()
                found[each["customer"]] = min(found.get(each["customer"], day), day)
    return found


def _base(seen: dict[str, date], delivered: Delivered, day: date) -> Decimal:
    """Of all customers known on the day, the share who ordered on it or later."""
    known = [who for who, first in seen.items() if first <= day]
    bought = [orders for who in known if (orders := delivered.bought.get(who))]
    later = sum(orders[-1].ordered_at.date() >= day for orders in bought)
    return share(later, len(known)) or Decimal(0)


def test_content_performance(installation: Installation, delivered: Delivered) -> None:
    views: dict[str, list[Record]] = defaultdict(list)
    seen: dict[str | None, list[Record]] = defaultdict(list)
    for each in delivered.of("interactions"):
        if each["kind"] in ("content_view", "knowledge_base_view") and each.get("content_id"):
            views[each["content_id"]].append(each)
            seen[each["customer"]].append(each)
    first: dict[str, list[Decimal]] = defaultdict(list)
    last: dict[str, list[Decimal]] = defaultdict(list)
    for customer, orders in delivered.bought.items():
        for k, order in enumerate(orders):
            before = orders[k - 1] if k else None
            way = [v["content_id"] for v in seen[customer] if _on_the_way(order, before, v["at"])]
            if way:
                first[way[0]].append(order.net)
                last[way[-1]].append(order.net)
    expected = {}
    seen_first = _first_seen(delivered)
    days = {each["at"].date() for its in views.values() for each in its}
    base = {day: _base(seen_first, delivered, day) for day in days}
    for content, its in views.items():
        begun: dict[str, datetime] = {}
        for view in its:
            if view["customer"]:
                begun.setdefault(view["customer"], view["at"])
        bought = {c: orders for c in begun if (orders := delivered.bought.get(c))}
        later = sum(orders[-1].ordered_at >= begun[c] for c, orders in bought.items())
        new = sum(orders[0].ordered_at >= begun[c] for c, orders in bought.items())
        expected[content] = (
            *(len(its), len(begun), later, share(later, len(begun))),
            share(sum((base[at.date()] for at in begun.values()), Decimal(0)), len(begun)),
            *(new, share(new, len(delivered.bought)), share(len(begun), len(seen_first))),
            *(len(first[content]), sum(first[content], Decimal(0))),
            *(len(last[content]), sum(last[content], Decimal(0))),
        )
    with installation.served() as connection:
        rows = connection.execute(
            "select content_id, view_count, viewer_count, later_buyer_count, later_buyer_share,"
            " later_buyer_base_share, new_buyer_count, new_buyer_reach, customer_reach,"
            " first_touch_order_count, first_touch_net_revenue,"
            " last_touch_order_count, last_touch_net_revenue"
            " from engagement.rpt_content_performance"
        ).fetchall()
    assert {content: tuple(rest) for content, *rest in rows} == expected


def test_checkout_funnel(installation: Installation, delivered: Delivered) -> None:
    placed_at = {order.order_id: order.ordered_at for order in delivered.orders}
    months: dict[date, list[tuple[int, bool, bool, list[datetime | None]]]] = defaultdict(list)
    for checkout in delivered.of("checkouts"):
        started, shipping, payment, abandoned, completed = (
            delivered.before(checkout.get(f"{step}_at"))
            for step in ("started", "shipping", "payment", "abandoned", "completed")
        )
        assert started
        placed = completed or placed_at.get(checkout.get("order_id") or "")
        furthest = 4 if placed else 3 if payment else 2 if shipping else 1
        is_over = not placed and (abandoned is not None or started + DAY <= delivered.as_of)
        at = abandoned or max(each for each in (started, shipping, payment) if each)
        is_back = is_over and any(
            at < order.ordered_at <= at + 7 * DAY
            for order in delivered.bought.get(checkout["customer"] or "", [])
        )
        months[_month(started)].append(
            (furthest, is_over, is_back, [started, shipping, payment, placed])
        )
    expected = {}
    for month, checkouts in months.items():
        for step, name in enumerate(("cart", "shipping", "payment", "placed"), start=1):
            here = [each for each in checkouts if each[0] >= step]
            stopped = [each for each in here if each[0] == step and each[1]]
            times = [
                int((placed - at).total_seconds())
                for *_, moments in here
                if step < 4 and (placed := moments[3]) and (at := moments[step - 1])
            ]
            expected[month, name] = (
                *(len(here), share(len(here), len(checkouts))),
                sum(each[0] > step for each in here),
                *(len(stopped), share(len(stopped), len(here))),
                *(sum(each[2] for each in stopped), middle(times, 60)),
            )
    with installation.served() as connection:
        rows = connection.execute(
            "select month, step, reached_count, reach_rate, continued_count, abandoned_count,"
            " abandonment_rate, recovered_count, median_minutes_to_order"
            " from engagement.rpt_checkout_funnel"
        ).fetchall()
    assert {(month, step): tuple(rest) for month, step, *rest in rows} == expected
    assert expected
