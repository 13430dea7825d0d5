"""What precedes losses and second orders, and how many of the lost came back: recomputed in plain Python from
the delivered files. Belongs here: counts, shares and lifts. Does not belong here: the intervals of the lifts
(`tests/unit/test_planted_causes.py`), and the reasons made of them (`test_care_recomputed.py`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest

from dagster_project.calibration.gaps import lost_returns
from dagster_project.calibration.proposals import proposals
from dagster_project.calibration.reference import THRESHOLDS_FILE, read_thresholds
from dagster_project.cli.calibrate import served_gaps
from tests.support.delivered import Delivered, Order, lapse_window
from tests.support.installation import Installation

DAY = timedelta(days=1)
AT_ORDER = {"price", "discounted_order", "several_products"}
LOST = ("negative_opinion", "refund", "late_delivery", "unresolved_ticket", "price")
SECOND_ORDER = (
    *("negative_opinion", "refund", "late_delivery", "discounted_order", "several_products"),
    *("positive_opinion", "support_ticket", "question", "thank_you", "follow_up", "message_read"),
    "offer",
)
KINDS = {
    **dict.fromkeys(("thank_you", "follow_up"), ""),
    **dict.fromkeys(("email_opened", "email_clicked"), "message_read"),
    **dict.fromkeys(("offer_sent", "win_back_offer"), "offer"),
}
QUESTIONS = {"inquiry", "chat", "call", "meeting", "demo", "trial", "knowledge_base_view"}


class Observed(NamedTuple):
    """An order whose lapse window is over: who is comparable with whom, what became of the customer, and the
    conditions until the landmark."""

    stratum: tuple[int, int, int, int]
    is_lost: bool
    is_waiting: bool
    conditions: set[str]


def _events(delivered: Delivered) -> dict[str, list[tuple[str, datetime]]]:
    found: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for review in delivered.of("reviews"):
        rating, is_public = int(review["rating"]), review.get("is_public", "").lower() != "false"
        if rating <= 2:
            found[review["customer"]].append(("negative_opinion", review["at"]))
        elif rating >= 4 and is_public:
            found[review["customer"]].append(("positive_opinion", review["at"]))
    for answer in delivered.of("survey_responses"):
        if answer["kind"] == "nps":
            name = "negative_opinion" if Decimal(answer["score"]) <= 6 else "positive_opinion"
            if Decimal(answer["score"]) <= 6 or Decimal(answer["score"]) >= 9:
                found[answer["customer"]].append((name, answer["at"]))
    owners = {order.order_id: order.customer for order in delivered.orders}
    for refund in delivered.of("refunds"):
        found[owners.get(refund["order_id"]) or ""].append(("refund", refund["at"]))
    for order in delivered.orders:
        if order.delivered_at and order.promised_at and order.delivered_at > order.promised_at:
            found[order.customer or ""].append(("late_delivery", order.delivered_at))
    for each in delivered.of("interactions"):
        if each["kind"] in KINDS:
            found[each["customer"]].append((KINDS[each["kind"]] or each["kind"], each["at"]))
        elif each["kind"] in QUESTIONS and each.get("direction") != "outbound":
            found[each["customer"]].append(("question", each["at"]))
    for ticket in delivered.of("support_tickets"):
        found[ticket["customer"]].append(("support_ticket", ticket["at"]))
    return found


def _is_price(orders: list[Order]) -> bool:
    cheap = [order.discount > 0 for order in orders]
    habits = (cheap, [] if cheap[-1] else cheap[:-1])
    return any(len(each) >= 2 and sum(each) >= Decimal("0.75") * len(each) for each in habits)


def _observed(delivered: Delivered) -> Iterator[Observed]:
    events = _events(delivered)
    tickets = defaultdict(list)
    for ticket in delivered.of("support_tickets"):
        resolved = delivered.before(ticket.get("resolved_at")) or datetime.max
        tickets[ticket["customer"]].append((ticket["at"], resolved))
    products = defaultdict(set)
    for line in delivered.records["order_lines"]:
        products[line["order_id"]].add(line.get("product_id") or None)
    for customer, orders in delivered.bought.items():
        for number, order in enumerate(orders, start=1):
            at = order.ordered_at
            ends_at = at + lapse_window(orders[:number]) * DAY
            if ends_at >= delivered.as_of:
                continue
            following = orders[number].ordered_at if number < len(orders) else datetime.max
            since, landmark = at - 90 * DAY, at + 30 * DAY
            conditions = {
                name
                for name, when in events[customer]
                if since <= when < landmark
                and (number == 1 or name in ("negative_opinion", "refund", "late_delivery"))
            }
            if any(since <= t < landmark <= resolved for t, resolved in tickets[customer]):
                conditions.add("unresolved_ticket")
            if _is_price(orders[:number]):
                conditions.add("price")
            if order.discount > 0:
                conditions.add("discounted_order")
            if len(products[order.order_id] - {None}) > 1:
                conditions.add("several_products")
            recent = sum(each.ordered_at >= since for each in orders[max(0, number - 4) : number])
            stratum = (min(number, 10), recent, at.year, (at.month - 1) // 3)
            yield Observed(stratum, following > ends_at, following > landmark, conditions)


@pytest.mark.parametrize(
    ("table", "conditions", "of_cases"),
    [("churn", LOST, "lost"), ("second_order", SECOND_ORDER, "returned")],
)
def test_drivers(
    installation: Installation,
    delivered: Delivered,
    table: str,
    conditions: tuple[str, ...],
    of_cases: str,
) -> None:
    observed = [each for each in _observed(delivered) if of_cases == "lost" or each.stratum[0] == 1]
    expected = {}
    for condition in conditions:
        counts: Counter[tuple[tuple[int, ...], bool, bool]] = Counter()
        for each in observed:
            if condition in AT_ORDER or each.is_waiting:
                is_case = each.is_lost == (of_cases == "lost")
                counts[each.stratum, is_case, condition in each.conditions] += 1
        sums, weight, up, down, left_out = [0, 0, 0, 0], 0.0, 0.0, 0.0, 0
        for stratum in {key[0] for key in counts}:
            a, b, c, d = (
                counts[stratum, is_case, has]
                for is_case, has in ((True, True), (True, False), (False, True), (False, False))
            )
            n = a + b + c + d
            if not a + b or not c + d:
                left_out += a + b
                continue
            sums = [x + y for x, y in zip(sums, (a, a + b, c, c + d), strict=True)]
            weight += (a + b) * (c + d) / n
            up += a * (c + d) / n
            down += c * (a + b) / n
        shares = (up / weight, down / weight) if weight else (None, None)
        expected[condition] = (*sums, left_out, *shares)
    with installation.served() as connection:
        rows = connection.execute(
            f"select condition, {of_cases}_with_condition_count, {of_cases}_count,"
            f" other_with_condition_count, other_count, {of_cases}_without_comparison_count,"
            f" share_among_{of_cases}::double, share_among_others::double, lift::double"
            f" from care.rpt_{table}_drivers"
        ).fetchall()
    found = {condition: values for condition, *values in rows}
    assert found.keys() == expected.keys()
    for condition, (*counted, up_share, down_share) in expected.items():
        *served, lift = found[condition]
        assert served == [
            *counted, pytest.approx(up_share, abs=1e-6), pytest.approx(down_share, abs=1e-6)
        ], condition  # fmt: skip
        assert lift is None or lift == pytest.approx(up_share / down_share, abs=1e-5), condition


def test_lost_returns(installation: Installation, delivered: Delivered) -> None:
    """Kaplan and Meier's estimate, day by day."""
    lives: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for interval in delivered.lost:
        days = ((interval.returned_at or delivered.as_of) - interval.lost_at) // DAY
        for kind in ("all", "default" if len(interval.orders) < 3 else "own"):
            lives[kind].append((days, interval.returned_at is not None))
    expected = {}
    for kind, ends in lives.items():
        away = 1.0
        for day in range(max(days for days, _ in ends) // 30 * 30 + 30):
            at_risk = sum(days >= day for days, _ in ends)
            away *= 1 - sum(end == (day, True) for end in ends) / max(at_risk, 1)
            if day % 30 == 0:
                beginning = at_risk
            if day % 30 == 29 and beginning:
                back = sum(has_returned and days <= day for days, has_returned in ends)
                share = pytest.approx(1 - away, abs=2e-6) if beginning >= 20 else None
                expected[kind, day // 30 + 1] = (beginning, back, share)
    with installation.served() as connection:
        rows = connection.execute(
            "select lapse_window, months_since_loss, at_risk_interval_count,"
            " returned_interval_count, return_share::double from care.rpt_lost_returns"
        ).fetchall()
    assert {(kind, month): tuple(rest) for kind, month, *rest in rows} == expected


def test_what_calibration_proposes_would_have_kept_to_the_limit(demo: Installation) -> None:
    """`lifecycle calibrate` has the share that is served, and what it would have been with its proposals."""
    rules = read_thresholds(THRESHOLDS_FILE)
    _, gaps = served_gaps(demo.home / "served" / "lifecycle.duckdb", rules)
    now = lost_returns(gaps, rules)
    with demo.served() as connection:
        served = connection.execute(
            "select at_risk_interval_count, return_share::double from care.rpt_lost_returns"
            " where lapse_window = 'all' and months_since_loss in (1, 12) order by months_since_loss"
        ).fetchall()
        warnings = connection.execute(
            "select passed, severity from meta.data_quality_results"
            " where check_name = 'assert_lost_remains_lost'"
        ).fetchall()
    assert now.months == 12
    assert (served[0][0], served[1][1]) == (now.lost_count, pytest.approx(now.share, abs=1e-6))
    assert now.share == pytest.approx(0.335, abs=0.001)
    assert warnings == [(False, "warning")]
    made = {each.threshold: each.proposed for each in proposals(gaps, rules)}
    windows = {name: value for name, value in made.items() if value is not None}
    assert {"lapse_default_days", "lapse_gap_multiple", "lapse_floor_days"} <= windows.keys()
    after = lost_returns(gaps, {**rules, **windows})
    assert after.share is not None
    assert after.share <= float(rules["lost_return_share"])
    assert after.months >= rules["lost_return_minimum_months"]
    assert after.lost_count > 100
