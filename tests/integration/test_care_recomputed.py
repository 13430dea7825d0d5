"""Why customers were lost, what was done to win them back, and how likely they are to return: recomputed in
plain Python from the delivered files, equal to the cent and the second. Belongs here: the marts about losing
customers. Does not belong here: care (`test_care_actions_recomputed.py`)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.support.delivered import Delivered, LostInterval
from tests.support.installation import Installation

STATED = {
    "price": "stated_price",
    "competitor": "stated_competitor",
    "late delivery": "stated_delivery",
    "bad service": "stated_service",
    "no longer needed": "stated_no_need",
}
STRENGTH = [
    *("stated_price", "stated_competitor", "stated_delivery", "stated_service", "stated_product"),
    *("stated_no_need", "stated_other", "negative_opinion", "refund", "late_delivery"),
    *("unresolved_ticket", "price", "silence"),
]
CONDITIONS = {"negative_opinion", "refund", "late_delivery", "unresolved_ticket", "price"}
Reasons = dict[tuple[str, int], list[tuple[str, int, datetime | None]]]


def _drivers(installation: Installation) -> set[str]:
    """The conditions that are reasons here (test_drivers_recomputed.py recomputes them)."""
    with installation.served() as connection:
        rows = connection.execute(
            "select condition from care.rpt_churn_drivers where is_driver"
        ).fetchall()
    return {condition for (condition,) in rows}


def _expected_reasons(delivered: Delivered, drivers: set[str]) -> Reasons:
    evidence: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for review in delivered.of("reviews"):
        if int(review["rating"]) <= 2:
            evidence[review["customer"]].append(("negative_opinion", review["at"]))
    for answer in delivered.of("survey_responses"):
        if answer["kind"] == "nps" and Decimal(answer["score"]) <= 6:
            evidence[answer["customer"]].append(("negative_opinion", answer["at"]))
    owners = {order.order_id: order.customer for order in delivered.orders}
    for refund in delivered.of("refunds"):
        evidence[owners.get(refund["order_id"]) or ""].append(("refund", refund["at"]))
    for order in delivered.orders:
        if order.delivered_at and order.promised_at and order.delivered_at > order.promised_at:
            evidence[order.customer or ""].append(("late_delivery", order.delivered_at))
    tickets = defaultdict(list)
    for ticket in delivered.of("support_tickets"):
        tickets[ticket["customer"]].append((ticket["at"], ticket.get("resolved_at")))
    statements = defaultdict(list)
    for contact in delivered.of("contacts"):
        reason, exited_at = contact.get("exit_reason"), contact.get("exited_at")
        if reason and not delivered.before(contact.get("deleted_at")):
            at = delivered.before(exited_at)
            assert at or not exited_at
            statements[contact["customer"]].append((STATED.get(reason.lower(), "stated_other"), at))

    expected: Reasons = {}
    for interval in delivered.lost:
        last, end = interval.orders[-1].ordered_at, interval.returned_at or delivered.as_of
        since = last - timedelta(days=90)
        found = [
            (reason, at)
            for reason, at in evidence[interval.customer]
            if since <= at < interval.lost_at
        ]
        found += [
            ("unresolved_ticket", at)
            for at, resolved in tickets[interval.customer]
            if since <= at < interval.lost_at
            and (not resolved or not (r := delivered.before(resolved)) or r >= interval.lost_at)
        ]
        said: list[tuple[str, datetime | None]] = [
            (reason, at)
            for reason, at in statements[interval.customer]
            if (at is None and interval.returned_at is None)
            or (at is not None and last <= at < end)
        ]
        every = said + found + _price(interval) or [("silence", last)]
        summed: dict[str, list[datetime | None]] = defaultdict(list)
        for reason, when in every:
            summed[reason].append(when)
        rows = [
            (reason, len(times), max((t for t in times if t), default=None))
            for reason, times in sorted(summed.items(), key=lambda each: STRENGTH.index(each[0]))
        ]
        given = [row for row in rows if row[0] not in CONDITIONS or row[0] in drivers]
        unknown = [("unknown", *rows[0][1:])]
        expected[interval.customer, interval.number] = given or unknown
    return expected


def _price(interval: LostInterval) -> list[tuple[str, datetime]]:
    cheap = [order.discount > 0 for order in interval.orders]
    to_the_end = len(cheap) >= 2 and sum(cheap) >= Decimal("0.75") * len(cheap)
    until_the_last = (
        len(cheap) >= 3 and not cheap[-1] and sum(cheap) >= Decimal("0.75") * (len(cheap) - 1)
    )
    if not (to_the_end or until_the_last):
        return []
    return [("price", order.ordered_at) for order in interval.orders if order.discount > 0]


def test_churn_reasons(installation: Installation, delivered: Delivered) -> None:
    expected = _expected_reasons(delivered, _drivers(installation))
    with installation.served() as connection:
        rows = connection.execute(
            "select customer_id, entry_number, reason, evidence_count, evidence_at"
            " from care.fct_churn_reasons order by customer_id, entry_number, reason_rank"
        ).fetchall()
    found: Reasons = defaultdict(list)
    for customer, number, *reason in rows:
        found[customer, number].append(tuple(reason))
    assert found == expected
    assert expected


def _value_at_stake(interval: LostInterval) -> Decimal:
    since = interval.orders[-1].ordered_at - timedelta(days=365)
    return sum((order.net for order in interval.orders if order.ordered_at > since), Decimal(0))


def _return_rate(delivered: Delivered, interval: LostInterval) -> tuple[int, Decimal | None]:
    band = (delivered.as_of - interval.lost_at) // timedelta(days=90)
    comparable = returned = 0
    for other in delivered.lost:
        starts_at = other.lost_at + timedelta(days=90 * band)
        ends_at = starts_at + timedelta(days=180)
        if (
            (len(other.orders) > 1) == (len(interval.orders) > 1)
            and ends_at < delivered.as_of
            and (other.returned_at is None or other.returned_at > starts_at)
        ):
            comparable += 1
            returned += other.returned_at is not None and other.returned_at <= ends_at
    if comparable < 20:
        return comparable, None
    rate = Decimal(returned) / Decimal(comparable)
    return comparable, rate.quantize(Decimal("0.000001"), ROUND_HALF_UP)


def test_lost_customers(installation: Installation, delivered: Delivered) -> None:
    reasons = _expected_reasons(delivered, _drivers(installation))
    expected = {}
    for interval in delivered.lost:
        if interval.returned_at is None:
            codes = [reason for reason, _, _ in reasons[interval.customer, interval.number]]
            stated = codes[0] if codes[0].startswith("stated_") else None
            expected[interval.customer] = (
                *(codes[0], stated, ", ".join(codes)),
                *(_value_at_stake(interval), *_return_rate(delivered, interval)),
            )
    with installation.served() as connection:
        rows = connection.execute(
            "select customer_id, main_reason, stated_reason, reasons, value_at_stake,"
            " comparable_interval_count, return_probability from lifecycle.customers_in_lost"
        ).fetchall()
    assert {customer: tuple(rest) for customer, *rest in rows} == expected
    assert expected


def test_win_backs(installation: Installation, delivered: Delivered) -> None:
    interactions = defaultdict(list)
    for each in delivered.of("interactions"):
        interactions[each["customer"]].append(each)
    expected = set()
    for interval in delivered.lost:
        end = interval.returned_at or delivered.as_of
        for offer in interactions[interval.customer]:
            at = offer["at"]
            if (
                offer["kind"] not in ("win_back_offer", "offer_sent")
                or not interval.lost_at <= at < end
            ):
                continue
            until = at + timedelta(days=60)
            bought = [o for o in delivered.bought[interval.customer] if at < o.ordered_at <= until]
            is_back = interval.returned_at is not None and interval.returned_at <= until
            outcome = "pending" if until >= delivered.as_of else "no_return"
            expected.add(
                (
                    *(offer["interaction_id"], interval.customer, interval.number),
                    "returned" if is_back else outcome,
                    any(
                        other["kind"] == "offer_taken" and at <= other["at"] <= until
                        for other in interactions[interval.customer]
                    ),
                    *(len(bought), sum((o.net for o in bought), Decimal("0.00"))),
                    bought[0].order_id if is_back else None,
                )
            )
    with installation.served() as connection:
        rows = connection.execute(
            "select interaction_id, customer_id, entry_number, outcome, was_offer_taken,"
            " order_count_in_window, net_revenue_in_window, return_order_id from care.fct_win_backs"
        ).fetchall()
    assert set(rows) == expected
    assert len(rows) == len(expected)


def test_no_wording_of_a_crm_is_served(demo: Installation) -> None:
    with demo.served() as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.columns"
            " where column_name = 'exit_reason'"
        ).fetchall()
    assert tables == []
