"""Versions and deletions, from delivered files to marts: the last word wins, run after run and in a full
refresh (docs/definitions.md, Records and versions)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dagster_project.ingestion import ingest
from dagster_project.warehouse import Warehouse
from tests.support.incremental_runs import Company, Delivery, rows

AS_OF = date(2025, 6, 1)
PERSON = {"email": "a@x.test"}
PARSED: list[Any] = []


def order(order_id: str, status: str, **fields: Any) -> dict[str, Any]:
    return {
        "order_id": order_id, "ordered_at": "2025-01-10T10:00:00Z", "status": status, "items_amount": "50",
        **PERSON, **fields,
    }  # fmt: skip


def line(order_id: str, number: int, price: str, **fields: Any) -> dict[str, Any]:
    return {
        "order_id": order_id, "line_number": str(number), "quantity": "1", "unit_price": price, **fields,
    }  # fmt: skip


def review(review_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "review_id": review_id, "reviewed_at": "2025-02-01T10:00:00Z", "rating": "5", **PERSON, **fields,
    }  # fmt: skip


def ticket(**fields: Any) -> dict[str, Any]:
    return {"ticket_id": "y1", "opened_at": "2025-03-01T10:00:00Z", **PERSON, **fields}


def contact(**fields: Any) -> dict[str, Any]:
    return {
        "contact_id": "c1", "created_at": "2025-01-01T10:00:00Z", "country_code": "CZ", **PERSON, **fields,
    }  # fmt: skip


# Which version counts is decided in the input layer.
INPUT = ("--select", "staging input")


def after(folder: Path, runs: Sequence[Delivery], **deliveries: str) -> Company:
    """The input layer of a company after these runs."""
    company = Company(folder, PARSED, deliveries=deliveries, selection=INPUT)
    for run in runs:
        company.run(run, AS_OF)
    return company


PAYMENT = {"payment_id": "P1", "order_id": "S1", "amount": "50"}
EARNED = {
    "entry_id": "l1",
    "occurred_at": "2025-01-11T00:00:00Z",
    "kind": "earn",
    "points": "5",
    **PERSON,
}
RUNS: list[Delivery] = [
    {
        "orders": [
            order("S1", "paid"), order("S2", "paid", updated_at="2025-01-12T00:00:00Z"),
            order("ED1", "paid", items_amount=None), order("X", "paid", email="x@x.test"),
            order("Y", "paid", email="y@x.test"),
        ],
        "support_tickets": [ticket()],
        "contacts": [contact()],
        "order_lines": [line("ED1", 1, "30"), line("ED1", 2, "20")],
        "reviews": [review("v1"), review("v2", email="v@x.test")],
        "payments": [{**PAYMENT, "status": "paid", "updated_at": "2025-02-01T00:00:00Z"}],
        "loyalty_entries": [EARNED],
    },
    {
        "orders": [
            order("S1", "cancelled"), order("S2", "cancelled", updated_at="2025-01-11T00:00:00Z"),
            order("X", "paid", email="x@x.test", deleted_at="2025-01-20T00:00:00Z"),
            order("Y", "paid", email="y@x.test", deleted_at="2025-01-20T00:00:00Z"),
        ],
        "support_tickets": [ticket(resolved_at="2025-03-02T10:00:00Z")],
        "contacts": [contact(deleted_at="2025-04-01T00:00:00Z")],
        "order_lines": [line("ED1", 1, "30")],
        "reviews": [review("v1")],
        "payments": [{**PAYMENT, "status": "pending", "updated_at": "2025-01-01T00:00:00Z"}],
        "loyalty_entries": [{**EARNED, "deleted_at": "2025-02-01T00:00:00Z"}],
    },
    {
        "orders": [order("S1", "paid"), order("Y", "paid", email="y@x.test")],
        "support_tickets": [ticket()],
        "contacts": [contact()],
    },
]  # fmt: skip


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """After three runs, and the same by a full refresh."""
    deliveries = {"order_lines": "whole_orders", "reviews": "full"}
    company = Company(tmp_path_factory.mktemp("versions") / "c", PARSED, deliveries=deliveries)
    for run in RUNS:
        company.run(run, AS_OF)
    in_steps = company.marts()
    company.full_refresh(AS_OF)
    assert company.marts() == in_steps
    return company


def test_the_last_word_on_every_record(company: Company) -> None:
    orders = "select order_id, status, net_amount from core.fct_orders order by 1"
    assert [(o, s, float(n)) for o, s, n in rows(company, orders)] == [
        ("ED1", "paid", 30.0), ("S1", "paid", 50.0), ("S2", "paid", 50.0), ("Y", "paid", 50.0),
    ]  # fmt: skip
    assert rows(company, "select review_id from core.fct_reviews") == [("v1",)]
    open_tickets = "select ticket_id from input.input_support_tickets where resolved_at is null"
    assert rows(company, open_tickets) == [("y1",)]
    assert rows(company, "select status from input.input_payments") == [("paid",)]
    loyalty = "select count(*) from core.fct_customer_activities where activity = 'loyalty_earned'"
    assert rows(company, loyalty) == [(0,)]
    restored = "select count(*) from core.dim_customers where country_code = 'CZ'"
    assert rows(company, restored) == [(1,)]


def test_raw_keeps_what_was_deleted_and_the_ledger_records_what_happened(company: Company) -> None:
    assert rows(company, "select count(*) from raw_generic.orders where order_id = 'X'") == [(2,)]
    ledger = rows(
        company,
        "select entity, sum(accepted_records)::int, sum(superseded_records)::int,"
        " sum(order_decided_records)::int, sum(deleted_records)::int from ingest.loads group by 1 order by 1",
    )
    assert ledger == [
        ("contacts", 3, 2, 2, 0),
        ("loyalty_entries", 2, 1, 1, 0),
        # Line 1 came again as it was; a deletion is a version, too.
        ("order_lines", 2, 1, 1, 1),
        ("orders", 11, 6, 5, 0),
        ("payments", 2, 1, 0, 0),
        ("reviews", 2, 1, 1, 1),
        ("support_tickets", 3, 2, 2, 0),
    ]  # fmt: skip


def test_full_deliveries_of_orders_and_contacts(tmp_path: Path) -> None:
    runs: list[Delivery] = [
        {"orders": [order("A", "paid"), order("B", "paid", email="b@x.test")], "contacts": [contact()]},
        {"orders": [order("A", "paid")], "contacts": [contact(contact_id="c2", email="z@x.test")]},
        {"orders": [order("A", "paid"), order("B", "paid", email="b@x.test")]},
        {"orders": [order("A", "paid")]},
    ]  # fmt: skip
    company = after(tmp_path / "c", runs, orders="full", contacts="full")
    kept = "select order_id from input.input_orders where deleted_at is null"
    assert rows(company, kept) == [("A",)]
    kept = "select contact_id from input.input_contacts where deleted_at is null"
    assert rows(company, kept) == [("c2",)]


def test_a_full_delivery_that_would_delete_too_much_is_refused_by_name(tmp_path: Path) -> None:
    company = Company(tmp_path / "c", PARSED, deliveries={"orders": "full"})
    many = [order(f"o{n}", "paid", email=f"{n}@x.test") for n in range(40)]
    with Warehouse(company.settings).connect() as connection:
        for run, records in enumerate([many, many[:20], many[:33]]):
            company.deliver({"orders": records}, run)
            loads = ingest(connection, company.source(), build_id=str(run), loaded_at=company.now())
        statuses = [(load.status, load.deleted_records) for load in loads]
    assert statuses == [("loaded", 0), ("rejected", 0), ("loaded", 7)]
    assert "it would delete 20 of 40 records, more than 20%" in str(loads[1].reason)


def test_the_order_of_files_does_not_matter_with_times_of_change(tmp_path: Path) -> None:
    def at(day: int, **fields: Any) -> dict[str, Any]:
        return {**fields, "updated_at": f"2025-03-{day:02}T00:00:00Z"}

    payments = [
        at(day, payment_id="P", order_id="A", amount=str(day), status="paid") for day in (1, 2, 3)
    ]
    tickets = [at(day, **ticket(topic=f"t{day}")) for day in (1, 2, 3)]
    reviews = [at(day, **review("v", rating=str(day))) for day in (1, 2, 3)]
    for name, days in (("forward", (0, 1, 2)), ("back", (2, 0, 1, 0))):
        runs = [
            {
                "payments": [payments[day]],
                "support_tickets": [tickets[day]],
                "reviews": [reviews[day]],
            }
            for day in days
        ]
        company = after(tmp_path / name, runs)
        assert rows(company, "select cast(amount as int) from input.input_payments") == [(3,)]
        assert rows(company, "select topic from input.input_support_tickets") == [("t3",)]
        assert rows(company, "select cast(rating as int) from input.input_reviews") == [(3,)]
        by_order = "select sum(order_decided_records)::int from ingest.loads"
        assert rows(company, by_order) == [(0,)]
