"""An incremental build equals a full refresh, row for row (invariant 4): with late, shuffled, repeated,
corrected and deleted records, identities that merge and split, and days that pass.

`INCREMENTAL_EXAMPLES` is the number of companies: by default 1, always the same; when set, others are drawn."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dagster_project.warehouse import Warehouse
from tests.support.incremental_runs import Company

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 500
EXAMPLES = int(os.environ.get("INCREMENTAL_EXAMPLES", "1"))
PARSED: list[Any] = []

moments = st.integers(0, DAYS * 24).map(lambda hours: (START + timedelta(hours=hours)).isoformat())
later = st.none() | moments
rarely = st.sampled_from([None, None, None, "2024-01-02T00:00:00Z"])
contact_ids = st.none() | st.sampled_from(["c1", "c2", "c3", "c4"])
emails = st.none() | st.sampled_from(["a@x.cz", "b@x.cz", "info@x.cz"])
phones = st.none() | st.sampled_from(["+420777000111", "00420777000222"])
amounts = st.sampled_from(["10.00", "19.99", "250.50"])
currencies = st.sampled_from(["EUR", "CZK", None])
INTERACTIONS = (
    *("page_view", "inquiry", "chat", "demo", "social_post"),
    *("thank_you", "follow_up", "win_back_offer"),
)
order_ids = st.sampled_from([f"o{n}" for n in range(8)])


def record(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    """A record; an empty field is left out."""
    return st.fixed_dictionaries(fields).map(
        lambda found: {name: value for name, value in found.items() if value is not None}
    )


def ids(prefix: str, count: int) -> st.SearchStrategy[str]:
    return st.sampled_from([f"{prefix}{n}" for n in range(count)])


PERSON = {"contact_id": contact_ids, "email": emails, "phone": phones}
DELIVERIES = st.fixed_dictionaries(
    {
        "contacts": st.lists(
            record(
                contact_id=contact_ids.filter(bool), created_at=moments, email=emails, phone=phones,
                marketing_consent=st.sampled_from(["yes", "no", None]),
                exit_reason=st.sampled_from([None, "price"]), exited_at=later,
                updated_at=later, deleted_at=later,
            ), max_size=4,
        ),
        "interactions": st.lists(
            record(
                interaction_id=ids("i", 10), occurred_at=moments, **PERSON,
                kind=st.sampled_from(INTERACTIONS),
                sentiment=st.sampled_from([None, "0.9", "-0.9"]), deleted_at=rarely,
            ), max_size=5,
        ),
        "orders": st.lists(
            record(
                order_id=order_ids, ordered_at=moments, **PERSON, currency_code=currencies,
                status=st.sampled_from([None, "placed", "paid", "delivered", "cancelled"]),
                items_amount=st.none() | amounts, tax_amount=st.sampled_from([None, "2.10"]),
                prices_include_tax=st.sampled_from([None, "yes"]), is_test=st.sampled_from([None, None, "yes"]),
                promised_at=later, delivered_at=later, updated_at=later, deleted_at=rarely,
            ), max_size=6,
        ),
        "order_lines": st.lists(
            record(
                order_id=order_ids, line_number=st.sampled_from(["1", "2"]), quantity=st.just("1"),
                unit_price=amounts, product_id=st.just("p1"), updated_at=later, deleted_at=rarely,
            ), max_size=4,
        ),
        "products": st.lists(
            record(
                product_id=st.just("p1"), name=st.just("P"), unit_cost=amounts,
                kind=st.sampled_from([None, None, "gift_card"]),
            ), max_size=1,
        ),
        "payments": st.lists(
            record(
                payment_id=ids("p", 6), order_id=order_ids, paid_at=later, amount=amounts, updated_at=later,
                method=st.sampled_from([None, "gift card"]), deleted_at=rarely,
            ), max_size=3,
        ),
        "refunds": st.lists(
            record(
                refund_id=ids("r", 4), order_id=st.none() | order_ids, refunded_at=moments, amount=amounts,
                email=emails, currency_code=currencies, status=st.sampled_from([None, "pending"]),
                shipping_amount=st.sampled_from([None, "1.00"]), deleted_at=rarely,
            ), max_size=2,
        ),
        "checkouts": st.lists(
            record(
                checkout_id=ids("k", 5), started_at=moments, **PERSON, abandoned_at=later,
                completed_at=later, order_id=st.none() | order_ids,
            ), max_size=3,
        ),
        "support_tickets": st.lists(
            record(
                ticket_id=ids("t", 4), opened_at=moments, **PERSON, resolved_at=later, deleted_at=rarely,
            ), max_size=2,
        ),
        "reviews": st.lists(
            record(
                review_id=ids("v", 5), reviewed_at=moments, **PERSON, order_id=st.none() | order_ids,
                rating=st.sampled_from(["1", "3", "5", None]), deleted_at=rarely,
            ), max_size=3,
        ),
        "survey_responses": st.lists(
            record(
                response_id=ids("s", 4), responded_at=moments, **PERSON, kind=st.just("nps"),
                score=st.sampled_from(["2", "8", "10"]),
            ), max_size=2,
        ),
        "referrals": st.lists(record(referral_id=ids("f", 3), referred_at=moments, **PERSON), max_size=1),
        "loyalty_entries": st.lists(
            record(
                entry_id=ids("l", 4), occurred_at=moments, **PERSON,
                kind=st.sampled_from(["earn", "redeem"]), points=st.just("10"),
            ), max_size=2,
        ),
        "currency_rates": st.lists(
            record(
                rate_date=moments.map(lambda moment: moment[:10]), currency_code=st.just("CZK"),
                rate=st.sampled_from(["0.04", "0.041"]),
            ), max_size=1,
        ),
    }
)  # fmt: skip
FIRST_RATE = {"rate_date": "2023-12-31", "currency_code": "CZK", "rate": "0.039"}


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize="INCREMENTAL_EXAMPLES" not in os.environ,
    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(
    deliveries=st.lists(DELIVERIES, min_size=3, max_size=4),
    steps=st.lists(st.integers(0, 250), min_size=4, max_size=4),
)
def test_incremental_builds_equal_a_full_refresh(
    tmp_path_factory: pytest.TempPathFactory, deliveries: list[dict[str, Any]], steps: list[int]
) -> None:
    company = Company(tmp_path_factory.mktemp("company"), PARSED)
    first = {**deliveries[0], "currency_rates": [FIRST_RATE, *deliveries[0]["currency_rates"]]}
    as_of = START.date() + timedelta(days=100)
    for step, delivery in zip(steps, [first, *deliveries[1:]], strict=False):
        as_of += timedelta(days=step)
        company.run(delivery, as_of)
    incremental = company.marts()
    company.full_refresh(as_of)
    assert_equal(incremental, company.marts())


def assert_equal(incremental: dict[str, list[Any]], whole: dict[str, list[Any]]) -> None:
    assert incremental.keys() == whole.keys()
    for table, rows in whole.items():
        only_incremental = [row for row in incremental[table] if row not in rows]
        only_whole = [row for row in rows if row not in incremental[table]]
        assert incremental[table] == rows, (
            f"{table}: incremental {only_incremental[:3]} whole {only_whole[:3]}"
        )


def test_only_the_customers_concerned_are_computed_again(tmp_path: Path) -> None:
    company = Company(tmp_path, PARSED)
    orders = [
        {
            "order_id": f"o{n}",
            "ordered_at": f"2024-01-{n:02}",
            "contact_id": f"c{n}",
            "items_amount": "10",
        }
        for n in range(1, 29)
    ]
    company.run({"orders": orders}, date(2024, 2, 1))
    late = {"order_id": "late", "ordered_at": "2024-01-05", "contact_id": "c3", "items_amount": "5"}
    company.run({"orders": [late]}, date(2024, 2, 2))
    assert company.affected() == (1, 1, 2)  # c3 alone, with its new order and its old one
    company.run({}, date(2024, 2, 2))
    assert company.affected() == (0, 0, 0)
    # Customers are lost 180 days after their only order, by time alone: c1 and c2 are lost by now, c3 is not.
    company.run({}, date(2024, 7, 1))
    assert company.affected() == (2, 0, 2)


@pytest.mark.slow  # random companies have it, too
def test_a_changed_cost_reaches_the_orders_that_sold_the_product(tmp_path: Path) -> None:
    company, as_of = Company(tmp_path, PARSED), date(2024, 2, 1)
    orders = [
        {
            "order_id": f"o{n}",
            "ordered_at": "2024-01-05",
            "contact_id": f"c{n}",
            "items_amount": "10",
        }
        for n in (1, 2)
    ]
    lines = [
        {
            "order_id": f"o{n}",
            "line_number": "1",
            "quantity": "2",
            "unit_price": "5",
            "product_id": f"p{n}",
        }
        for n in (1, 2)
    ]
    products = [{"product_id": f"p{n}", "name": "P", "unit_cost": "3"} for n in (1, 2)]
    company.run({"orders": orders, "order_lines": lines, "products": products}, as_of)
    company.run({"products": [{"product_id": "p1", "name": "P", "unit_cost": "4.5"}]}, as_of)
    assert company.affected() == (1, 1, 1)
    with Warehouse(company.settings).connect(read_only=True) as connection:
        query = "select lifetime_margin from intermediate.int_customer_order_totals order by 1"
        assert connection.execute(query).fetchall() == [(1,), (4,)]
    # The whole catalogue again, with other names and the same costs, affects no customer.
    again = [{"product_id": "p1", "unit_cost": "4.5"}, {"product_id": "p2", "unit_cost": "3"}]
    company.run({"products": [{**each, "name": "Q"} for each in again]}, as_of)
    assert company.affected() == (0, 0, 0)


@pytest.mark.slow  # random companies have it, too
def test_a_record_moved_to_a_later_day_leaves_no_row_behind(tmp_path: Path) -> None:
    order = {"order_id": "o1", "ordered_at": "2024-01-02", "contact_id": "c1", "items_amount": "10"}
    other = {"order_id": "o2", "ordered_at": "2024-01-04", "contact_id": "c1", "items_amount": "7"}
    thanks = {
        "interaction_id": "i1",
        "occurred_at": "2024-01-03",
        "contact_id": "c1",
        "kind": "thank_you",
    }
    company, as_of = Company(tmp_path, PARSED), date(2024, 2, 2)
    company.run({"orders": [order, other], "interactions": [thanks]}, date(2024, 2, 1))
    moved = {"orders": [{**other, "ordered_at": "2024-03-03"}]}
    company.run({**moved, "interactions": [{**thanks, "occurred_at": "2024-03-03"}]}, as_of)
    incremental = company.marts()
    company.full_refresh(as_of)
    assert_equal(incremental, company.marts())
    with Warehouse(company.settings).connect(read_only=True) as connection:
        query = "select order_id, was_thanked from engagement.fct_post_purchase"
        assert connection.execute(query).fetchall() == [("o1", False)]


def test_what_was_known_on_a_day_is_what_a_build_that_day_gave(tmp_path: Path) -> None:
    order = {"order_id": "o1", "ordered_at": "2024-01-05", "contact_id": "c1", "items_amount": "10"}
    late = {"order_id": "o2", "ordered_at": "2024-01-03", "contact_id": "c1", "items_amount": "7"}
    company, as_of = Company(tmp_path, PARSED), date(2024, 2, 1)
    company.run({"orders": [order]}, as_of, loaded_at=datetime(2024, 2, 1, 2, tzinfo=UTC))
    known_then = company.marts()
    correction = [{**order, "status": "cancelled"}, late]
    company.run({"orders": correction}, as_of, loaded_at=datetime(2024, 2, 2, 2, tzinfo=UTC))
    known_today = company.marts()
    assert known_today["core.fct_orders"] != known_then["core.fct_orders"]
    company.run({}, as_of, full_refresh=True, known_at=date(2024, 2, 2))
    assert_equal(company.marts(), known_then)
