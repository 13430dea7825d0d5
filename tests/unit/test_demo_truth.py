"""The truth about the demo company. Belongs here: what must hold for every seed, the presence of every kind
of mess, and a few lives worked by hand. Does not belong here: files."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from demo_company.__main__ import main
from demo_company.accounts import converted, is_counted, order_truth, rate_on
from demo_company.orders import UNIDENTIFIED, Line, Order, Payment, Refund
from demo_company.pasts import Past
from demo_company.plan import Plan
from demo_company.shop import CATALOGUE, Rates
from demo_company.stages import intervals
from demo_company.truth import Truth, truth

pytestmark = pytest.mark.thorough
NEW_YEAR = datetime(2024, 1, 1, 12)
AS_OF = datetime(2026, 1, 1)
DELIVERED = [(NEW_YEAR, "placed"), (NEW_YEAR + timedelta(days=3), "delivered")]


def day(number: float) -> datetime:
    return NEW_YEAR + timedelta(days=number)


@pytest.fixture(scope="module")
def known() -> Truth:
    """The truth about the committed company at its end."""
    return truth(Plan())


def test_every_kind_of_mess_is_there(known: Truth) -> None:
    assert {kind: count for kind, count in known.mess.items() if count < 3} == {}
    assert known.mess["contacts_with_shared_email"] == 8
    assert 10 <= known.mess["bad_rows"] <= 15
    assert set(known.mess) >= {
        *("people_with_several_contacts", "people_without_contact", "people_with_changed_email"),
        *("guest_orders", "unidentified_orders", "misspelled_emails", "deleted_contacts"),
        *("orders_cancelled", "orders_failed", "partial_refunds", "full_refunds"),
        *("split_payments", "orders_in_CZK", "orders_in_EUR", "contacts_with_exit_reason"),
        *("contact_ids_equal_but_for_zeros", "late_parcels", "orders_with_payments_only"),
    }


def test_people_are_about_two_thousand_and_every_stage_has_some(known: Truth) -> None:
    assert len(known.people) == 2_000
    assert sum(person.is_seen for person in known.people) > 1_900
    now = {i.stage for p in known.people for i in p.intervals if i.valid_to is None}
    assert len(now) == 10


@pytest.mark.parametrize("as_of", [date(2024, 6, 30), date(2026, 1, 1)])
def test_intervals_have_no_gap_and_no_overlap(as_of: date) -> None:
    for person in truth(Plan(people=400), as_of).people:
        assert person.is_seen == bool(person.intervals)
        for lifecycle in ("relationship", "journey") if person.is_seen else ():
            stages = [i for i in person.intervals if i.lifecycle == lifecycle]
            assert stages[0].valid_from == person.first_touch_at
            assert stages[-1].valid_to is None
            for before, after in pairwise(stages):
                assert before.valid_to == after.valid_from
                assert before.stage != after.stage
                assert (
                    before.valid_from
                    < after.valid_from
                    < datetime(as_of.year, as_of.month, as_of.day)
                )


def test_money_of_persons_is_the_money_of_their_orders(known: Truth) -> None:
    orders = {order.order_id: order for order in known.orders}
    assert len(orders) == len(known.orders)
    for person in known.people:
        counted = [orders[order_id] for order_id in person.counted_order_ids]
        assert all(order.is_counted and order.person == person.number for order in counted)
        assert set(person.counted_order_ids) <= set(person.order_ids)
        assert person.net == sum((order.net for order in counted), Decimal("0.00"))
        assert person.net == person.gross - person.discount - person.refund
    owned = sum(len(person.order_ids) for person in known.people)
    assert owned + sum(order.person is None for order in known.orders) == len(known.orders)


def test_the_dead_bought_last_when_they_died(known: Truth) -> None:
    orders = {order.order_id: order for order in known.orders}
    dead = [person for person in known.people if person.died_at is not None]
    assert len(dead) > 400
    for person in dead:
        assert person.died_at in {orders[order_id].ordered_at for order_id in person.order_ids}
        assert 0 < person.dropout < 1
        assert person.purchase_rate > 0


def test_identifiers_belong_to_one_person(known: Truth) -> None:
    named = [identifier for person in known.people for identifier in person.identifiers]
    assert len(named) == len(set(named))


def test_truth_is_json() -> None:
    known = json.loads(truth(Plan(people=30)).to_json())
    assert len(known["people"]) == 30
    assert known["as_of"] == "2026-01-01"


def test_plans_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="people"):
        Plan(people=0)
    with pytest.raises(ValueError, match="31 days"):
        Plan(start=date(2024, 1, 1), end=date(2024, 1, 5))


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--people", "15", "--seed", "3", "--out", str(tmp_path)]
    assert main([*given, "--truth", str(tmp_path / "truth.json")]) == 0
    assert "records in" in capsys.readouterr().out
    assert (tmp_path / "truth.json").exists()
    assert main(given) == 1
    assert "not empty" in capsys.readouterr().err


def past(**given: object) -> Past:
    defaults: dict[str, object] = {"first_touch_at": NEW_YEAR, "opinions": []}
    for name in ("counted", "orders", "checkouts", "asked", "signals"):
        defaults[name] = []
    return Past(**{**defaults, **given})  # type: ignore[arg-type]


def stages(given: Past, lifecycle: str) -> list[tuple[str, float]]:
    """Stage and the day of its beginning."""
    return [
        (i.stage, (i.valid_from - NEW_YEAR) / timedelta(days=1))
        for i in intervals(given, AS_OF)
        if i.lifecycle == lifecycle
    ]


def test_relationship_by_hand() -> None:
    """One order: lost after the default 180 days. Back on day 300, again on 310 and 320: three
    orders in 320 days make a gap of 160 and a window of 365 (the ceiling, not 480). A fourth, on
    330, makes loyal; on day 365 the first order leaves the trailing year."""
    counted = [day(0), day(300), day(310), day(320)]
    assert stages(past(counted=counted), "relationship") == [
        ("first_purchase", 0),
        ("lost", 180),
        ("repeat_purchase", 300),
        ("loyal", 320),
        ("repeat_purchase", 365),
        ("lost", 320 + 320),  # 3 x 320 days / 3 gaps
    ]


def test_an_order_at_the_very_end_of_the_window_keeps_the_customer() -> None:
    assert stages(past(counted=[day(0), day(180)]), "relationship") == [
        ("first_purchase", 0),
        ("repeat_purchase", 180),
        ("lost", 360),
    ]


def test_journey_by_hand() -> None:
    """Asks on day 2, starts a checkout on day 3, orders on day 4, receives the order on day 8, praises it on
    day 9 and is angry on day 20; a checkout started on day 30 is abandoned on day 31."""
    given = past(
        asked=[day(2)],
        checkouts=[(day(3), None), (day(30), day(31))],
        orders=[(day(4), day(8), True)],
        counted=[day(4)],
        signals=[day(9)],
        opinions=[(day(9), False), (day(20), True)],
    )
    assert stages(given, "journey") == [
        ("discovery", 0),
        ("education", 2),
        ("purchase", 3),
        ("post_purchase_engagement", 8),
        ("advocacy", 9),
        ("post_purchase_engagement", 20),
        ("purchase", 30),
        ("post_purchase_engagement", 31),
    ]


def test_praise_before_the_first_order_waits_for_it_and_negative_wins_a_tie() -> None:
    order = {"orders": [(day(5), day(6), True)], "counted": [day(5)]}
    early = past(signals=[day(1)], opinions=[(day(1), False)], **order)
    assert stages(early, "journey") == [("discovery", 0), ("advocacy", 5)]
    tied = past(signals=[day(7)], opinions=[(day(7), False), (day(7), True)], **order)
    assert stages(tied, "journey")[-1] == ("post_purchase_engagement", 6)


def order_of(steps: list[tuple[datetime, str]], **given: object) -> Order:
    """Two mugs for 11.90, 1.90 off: 21.90 of goods, 5 shipping, 4.60 tax."""
    lines = [Line(CATALOGUE[24], 2, 1_190, None, 690)]
    return Order(NEW_YEAR, UNIDENTIFIED, "CZK", "web", lines, 190, 500, 460, steps, **given)  # type: ignore[arg-type]


def test_what_counts() -> None:
    placed = [(NEW_YEAR, "placed")]
    assert is_counted(order_of(DELIVERED), AS_OF)
    assert is_counted(order_of(placed, exports_status=False), AS_OF)
    assert not is_counted(order_of(placed), AS_OF)
    assert not is_counted(order_of([(NEW_YEAR, "returned")]), AS_OF)
    for amount, status, counts in (
        (3_150, "", True),
        (3_149, "paid", False),
        (9_999, "failed", False),
    ):
        order = order_of(placed)
        order.payments = [Payment(NEW_YEAR, amount, "card", status, day(2), order)]
        assert is_counted(order, AS_OF) is counts
        assert not is_counted(order, day(2))
    order = order_of(DELIVERED)
    order.refunds = [Refund(day(9), 2_000, 0, "", order), Refund(day(12), 190, 0, "", order)]
    assert is_counted(order, day(12))
    assert not is_counted(order, AS_OF)


def test_money_is_rounded_half_up_at_the_rate_of_its_own_day() -> None:
    rates: Rates = {
        (day(0).date(), "CZK"): Decimal("0.05"),
        (day(9).date(), "CZK"): Decimal("0.04"),
    }
    order = order_of(DELIVERED)
    order.refunds = [Refund(day(11), 1_000, 0, "", order)]
    known = order_truth(order, None, rates, AS_OF)
    assert (known.items, known.discount) == (Decimal("1.19"), Decimal("0.10"))  # 23.80, 1.90
    assert (known.refund, known.net) == (Decimal("0.40"), Decimal("0.69"))
    assert converted(rates, "CZK", 10, day(0)) == Decimal("0.01")  # 0.005, up
    with pytest.raises(KeyError):
        rate_on(rates, "USD", day(1).date())
