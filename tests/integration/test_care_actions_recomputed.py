"""The care that each customer needs, whether it was given, and its outcome: recomputed in plain Python from the
delivered files. Belongs here: conditions, occasions, actions and their outcomes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tests.support.delivered import Delivered, Record, reference, share
from tests.support.installation import Installation

OURS = {"email_sent", "thank_you", "follow_up", "offer_sent", "win_back_offer"}


@dataclass(frozen=True)
class Occasion:
    """When a care action was due: its time, its stage interval, its evidence, and its end."""

    customer: str
    lifecycle: str
    stage: str
    action: Record
    begin: datetime
    end: datetime
    is_open: bool
    evidence: str


def _signals(delivered: Delivered) -> dict[str, list[tuple[datetime, str, bool]]]:
    """What happened to each customer, and whether it was a negative opinion."""
    found: dict[str, list[tuple[datetime, str, bool]]] = defaultdict(list)
    for each in delivered.of("interactions"):
        found[each["customer"]].append((each["at"], each["kind"], False))
    for each in delivered.of("support_tickets"):
        found[each["customer"]].append((each["at"], "ticket_opened", False))
    for each in delivered.of("checkouts"):
        found[each["customer"]].append((each["at"], "checkout_started", False))
    for each in delivered.of("reviews"):
        is_bad = int(each["rating"]) <= 2
        found[each["customer"]].append((each["at"], "review_written", is_bad))
    for each in delivered.of("survey_responses"):
        is_bad = each["kind"] == "nps" and Decimal(each["score"]) <= 6
        found[each["customer"]].append((each["at"], "survey_answered", is_bad))
    for order in delivered.orders:
        found[order.customer or ""].append((order.ordered_at, "order_placed", False))
        if order.delivered_at:
            found[order.customer or ""].append((order.delivered_at, "order_delivered", False))
    return found


Span = tuple[datetime, datetime | None, str]


def _spans(happened: list[tuple[datetime, str, bool]], rules: list[Record]) -> list[Span]:
    """The spans in which one condition held, in order of time; within an instant, settling comes last."""
    effects = {
        rule["activity"]: (rule["effect"], rule["only_negative"] == "true") for rule in rules
    }
    turns = []
    for at, activity, is_bad in happened:
        effect, only_negative = effects.get(activity, ("", False))
        if effect and (is_bad or not only_negative):
            turns.append((at, effect == "settles", activity))
    spans: list[Span] = []
    raised: tuple[datetime, str] | None = None
    for at, settles, activity in sorted(turns):
        if settles and raised is not None:
            if at > raised[0]:
                spans.append((raised[0], at, raised[1]))
            raised = None
        elif not settles and raised is None:
            raised = (at, activity)
    return [*spans, (raised[0], None, raised[1])] if raised else spans


def _occasions(installation: Installation, delivered: Delivered) -> list[Occasion]:
    # The intervals are the mart's; other tests check them (test_demo_build, test_golden_customers).
    with installation.served() as connection:
        intervals = connection.execute(
            "select customer_id, lifecycle, stage, valid_from, valid_to, entered_by"
            " from lifecycle.fct_customer_stage_intervals"
        ).fetchall()
    actions = defaultdict(list)
    for action in reference("care_actions"):
        actions[action["lifecycle"], action["stage"]].append(action)
    rules = defaultdict(list)
    for rule in reference("care_conditions"):
        rules[rule["condition"]].append(rule)
    signals = _signals(delivered)
    found = []
    for customer, lifecycle, stage, start, stop, entered_by in intervals:
        end = stop or delivered.as_of
        for action in actions[lifecycle, stage]:
            grain = (customer, lifecycle, stage, action)
            if not action["condition"]:
                found.append(Occasion(*grain, start, end, stop is None, entered_by))
                continue
            for since, until, activity in _spans(signals[customer], rules[action["condition"]]):
                if since < end and (until is None or until > start):
                    is_open = stop is None and until is None
                    found.append(Occasion(*grain, max(start, since), end, is_open, activity))
    return found


def _done(delivered: Delivered) -> dict[str, list[tuple[str, bool, datetime]]]:
    done: dict[str, list[tuple[str, bool, datetime]]] = defaultdict(list)
    for each in delivered.of("interactions"):
        ours = each.get("direction") == "outbound" or each["kind"] in OURS
        done[each["customer"]].append((each["kind"], ours, each["at"]))
    return done


def _shows() -> dict[str, dict[str, bool]]:
    shows: dict[str, dict[str, bool]] = defaultdict(dict)
    for row in reference("care_responses"):
        shows[row["care_action"]][row["activity"]] = row["counts_inbound"] == "true"
    return shows


def test_care_actions(installation: Installation, delivered: Delivered) -> None:
    shows, done = _shows(), _done(delivered)
    expected = {}
    for each in _occasions(installation, delivered):
        if each.is_open:
            code = each.action["care_action"]
            times = [
                at
                for kind, ours, at in done[each.customer]
                if kind in shows[code] and at >= each.begin and (ours or shows[code][kind])
            ]
            expected[each.customer, each.lifecycle, code] = (
                *(each.stage, each.action["condition"] or None, each.evidence),
                *(each.begin, min(times, default=None)),
                (each.begin + timedelta(days=int(each.action["due_after_days"]))).date(),
            )
    with installation.served() as connection:
        rows = connection.execute(
            "select customer_id, lifecycle, action, stage, condition, evidence, called_for_at,"
            " done_at, due_date from care.fct_care_actions"
        ).fetchall()
        # The evidence is the record that it claims to be; no action is recommended without evidence.
        unlike = connection.execute(
            "select actions.evidence, records.activity, count(*) from care.fct_care_actions as actions"
            " left join core.fct_customer_activities as records"
            " on actions.customer_id = records.customer_id"
            " and actions.evidence_activity_key = records.activity_key"
            " where actions.evidence is distinct from records.activity group by all order by all"
        ).fetchall()
        steps = connection.execute(
            "select customer_id, lifecycle, action, priority, done_at is null, is_next"
            " from care.fct_care_actions order by 1, 2, 5 desc, 4"
        ).fetchall()
        shown = dict(
            connection.execute(
                "select customer_id, next_care_action from core.dim_customers"
            ).fetchall()
        )
    assert {row[:3]: row[3:] for row in rows} == expected
    assert {(what, record) for what, record, _ in unlike} <= {
        ("lapse_window_ended", "order_placed"),
        ("loyalty_window_ended", "order_placed"),
        ("checkout_closed", "checkout_started"),
    }
    first: dict[tuple[str, str], str] = {}
    for customer, lifecycle, action, *_, is_next in steps:
        assert is_next == ((customer, lifecycle) not in first)
        first.setdefault((customer, lifecycle), action)
    assert shown == {
        c: action for (c, lifecycle), action in first.items() if lifecycle == "relationship"
    }


def test_care_outcomes(installation: Installation, delivered: Delivered) -> None:
    with installation.served() as connection:
        rows = connection.execute(
            "select lifecycle, stage, action, treated_interval_count, treated_customer_count,"
            " treated_ordered_interval_count, treated_order_rate, treated_net_revenue,"
            " untreated_interval_count, untreated_customer_count, untreated_ordered_interval_count,"
            " untreated_order_rate, untreated_net_revenue from care.fct_care_outcomes"
        ).fetchall()
    shows, done = _shows(), _done(delivered)
    groups: dict[tuple[str, str, str], dict[bool, list[tuple[str, list[Decimal]]]]] = {
        (action["lifecycle"], action["stage"], action["care_action"]): {True: [], False: []}
        for action in reference("care_actions")
        if action["lifecycle"] in ("relationship", "journey")  # the third is an example not in use
    }
    for each in _occasions(installation, delivered):
        code = each.action["care_action"]
        landmark = each.begin + timedelta(days=int(each.action["due_after_days"]) + 14)
        until = landmark + timedelta(days=90)
        if until >= delivered.as_of or each.end <= landmark:
            continue
        treated = any(
            each.begin <= at <= landmark and (ours or shows[code][kind])
            for kind, ours, at in done[each.customer]
            if kind in shows[code]
        )
        orders = delivered.bought.get(each.customer, [])
        worth = [order.net for order in orders if landmark < order.ordered_at <= until]
        groups[each.lifecycle, each.stage, code][treated].append((each.customer, worth))
    expected = {
        grain: tuple(
            value
            for intervals in (group[True], group[False])
            for value in (
                *(len(intervals), len({customer for customer, _ in intervals})),
                *(sum(bool(worth) for _, worth in intervals),),
                share(sum(bool(worth) for _, worth in intervals), len(intervals)),
                sum((net for _, worth in intervals for net in worth), Decimal(0)),
            )
        )
        for grain, group in groups.items()
    }
    assert {row[:3]: row[3:] for row in rows} == expected
