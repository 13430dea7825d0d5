"""The results of channels, content and checkouts: recomputed in plain Python from the delivered files, exactly
equal. Belongs here: the marts of the schema engagement about the way to an order."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.support.delivered import Delivered, Order, Record, middle, reference, share
from tests.support.installation import Installation

DAY = timedelta(days=1)
Touch = tuple[datetime, int, str, str]
MICRO = 1_000_000
MARKETING = {
    row["acquisition_channel"]
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
    """The channel that each delivered wording means, as the data of the tests words it."""
    return {
        row["delivered_channel"]: row["acquisition_channel"]
        for row in reference("acquisition_channels")
    }


def _touches(delivered: Delivered) -> dict[str | None, list[Touch]]:
    """Every touchpoint with a known channel: time, rank of its kind, id, channel."""
    rank = {row["activity"]: int(row["activity_rank"]) for row in reference("activities")}
    kinds = {row["activity"] for row in reference("touchpoints")}
    means = _meanings()
    found: dict[str | None, list[Touch]] = defaultdict(list)
    for contact in delivered.of("contacts"):
        channel = means.get((contact.get("acquisition_channel") or "").lower(), "unknown")
        if channel != "unknown" and not delivered.before(contact.get("deleted_at")):
            touch = (contact["at"], rank["contact_created"], contact["contact_id"], channel)
            found[contact["customer"]].append(touch)
    for each in delivered.of("interactions"):
        channel = means.get((each.get("channel") or "").lower(), "unknown")
        if each["kind"] in kinds and channel != "unknown":
            touch = (each["at"], rank[each["kind"]], each["interaction_id"], channel)
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


def test_channel_attribution(installation: Installation, delivered: Delivered) -> None:
    touches = _touches(delivered)
    expected: dict[tuple[date, str, str], list[Decimal]] = defaultdict(
        lambda: [Decimal(0), Decimal(0)]
    )
    nobody = [order for order in delivered.orders if order.is_counted and not order.customer]
    of_customers = [order for orders in delivered.bought.values() for order in orders]
    own = {each["order_id"]: (each.get("channel") or "").lower() for each in delivered.of("orders")}
    means = _meanings()
    for order in [*nobody, *of_customers]:
        way = sorted(
            each
            for each in touches[order.customer]
            if order.customer and order.ordered_at - 90 * DAY <= each[0] <= order.ordered_at
        )
        named = means.get(own[order.order_id], "unknown")
        channels = [channel for *_, channel in way] + [named] * (named in MARKETING)
        channels = channels or [named]
        for model in ("first", "last", "linear", "position_based"):
            parts = _credits(len(channels), model, MICRO)
            cents = _credits(len(channels), model, int(order.net * 100))
            for channel, part, cent in zip(channels, parts, cents, strict=True):
                credit = expected[_month(order.ordered_at), model, channel]
                credit[0] += Decimal(part) / MICRO
                credit[1] += Decimal(cent) / 100
    with installation.served() as connection:
        rows = connection.execute(
            "select month, attribution_model, channel, credited_order_count, credited_net_revenue"
            " from engagement.rpt_channel_attribution"
        ).fetchall()
    assert {tuple(key): credit for *key, a, b in rows for credit in [[a, b]]} == expected
    assert expected


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
            *(new, share(new, len(delivered.bought))),
            *(len(first[content]), sum(first[content], Decimal(0))),
            *(len(last[content]), sum(last[content], Decimal(0))),
        )
    with installation.served() as connection:
        rows = connection.execute(
            "select content_id, view_count, viewer_count, later_buyer_count, later_buyer_share,"
            " new_buyer_count, new_buyer_reach, first_touch_order_count, first_touch_net_revenue,"
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
