"""What real exports hold, from delivered files to marts: words of other shops, channels, stars, and records
that cannot be true beside good ones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dagster_project.ingestion import ingest
from dagster_project.warehouse import Warehouse
from tests.support.incremental_runs import Company, Delivery, rows

AS_OF = date(2025, 6, 1)
DAY = "2025-01-10T10:00:00Z"
PARSED: list[Any] = []


def order(order_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "order_id": order_id, "ordered_at": DAY, "email": f"{order_id.lower()}@x.test", "status": "paid",
        "items_amount": "50", **fields,
    }  # fmt: skip


def touch(number: int, person: str, channel: str) -> dict[str, Any]:
    return {
        "interaction_id": f"i{number}", "occurred_at": "2025-01-05T10:00:00Z", "kind": "Page View",
        "email": f"{person}@x.test", "channel": channel,
    }  # fmt: skip


def review(number: int, rating: str | None) -> dict[str, Any]:
    return {
        "review_id": f"v{number}", "reviewed_at": "2025-02-01T10:00:00Z", "email": f"p{number}@x.test",
        "rating": rating,
    }  # fmt: skip


CHANNELS = (
    "Paid Search",
    "organic search",
    "SOCIAL_MEDIA",
    "Direct Traffic",
    "email-marketing",
    "cpc",
)
DELIVERY: Delivery = {
    "orders": [
        *(order(f"P{n}", status="placed") for n in range(1, 6)),
        order("W1", status="Zaplaceno"), order("W2", status="storno"),
        order("A1", channel="Paid Search"), order("A2", channel="web"),
        *(order(f"B{n}", email="b@x.test", ordered_at=f"2025-01-{10 + n}T10:00:00Z") for n in (1, 2)),
        order("OLD", ordered_at="1900-01-01T00:00:00Z"), order("BIG", items_amount="999999999999.99"),
        order("CURRENCY", currency_code="Euros"),
        *(order(f"G{n}") for n in range(30)),
    ],
    "payments": [
        {"payment_id": f"p{n}", "order_id": f"P{n}", "paid_at": DAY, "amount": "50", "status": status}
        for n, status in enumerate(("success", "Partially-Refunded", "succeeded", "captured", "authorized"), 1)
    ],
    "interactions": [
        *(touch(n, f"t{n}", channel) for n, channel in enumerate(CHANNELS)),
        touch(20, "b", "newsletter"),
    ],
    "reviews": [
        *(review(n, rating) for n, rating in enumerate(("3.5", "4,0", "FIVE", "8 of 10", None))),
        {**review(9, "5"), "order_id": "B1"}, {**review(9, "2"), "order_id": "B2", "email": "else@x.test"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    built = Company(tmp_path_factory.mktemp("door") / "c", PARSED)
    built.run(DELIVERY, AS_OF)
    return built


def test_words_of_payments_and_orders(company: Company) -> None:
    counted = "select order_id, is_counted from core.fct_orders where order_id[1] in ('P', 'W')"
    assert dict(rows(company, counted)) == {
        "P1": True, "P2": True, "P3": True, "P4": True, "P5": False, "W1": True, "W2": False,
    }  # fmt: skip


def test_words_of_channels(company: Company) -> None:
    found = rows(
        company,
        "select channels.acquisition_channel from core.fct_customer_activities as activities"
        " inner join intermediate.int_channels as channels"
        " on activities.channel = channels.delivered_channel"
        " where activities.subject_id in ('i0', 'i1', 'i2', 'i3', 'i4', 'i5') order by activities.subject_id",
    )
    expected = ["search", "search", "social", "direct", "content", "advertising"]
    assert [channel for (channel,) in found] == expected


def test_an_order_is_credited_to_its_own_channel_and_the_second_one_too(company: Company) -> None:
    credited = "select order_id, channel from intermediate.int_order_touches"
    credited += " where order_id in ('A1', 'A2', 'B1', 'B2')"
    assert dict(rows(company, credited)) == {
        "A1": "search", "A2": "direct", "B1": "email", "B2": "email",
    }  # fmt: skip


def test_stars(company: Company) -> None:
    found = rows(company, "select review_id, rating from core.fct_reviews order by 1")
    assert found == [
        ("v0", Decimal("3.50")), ("v1", Decimal("4.00")), ("v2", Decimal("5.00")), ("v3", Decimal("4.00")),
        ("v4", None),
    ]  # fmt: skip


def test_what_cannot_be_true_is_quarantined_alone(company: Company) -> None:
    found = rows(
        company, "select entity, reason from ingest.quarantine order by entity, record_number"
    )
    assert [entity for entity, _ in found] == ["orders"] * 3 + ["reviews"] * 2
    reasons = " | ".join(reason for _, reason in found)
    for part in ("ordered_at: ", "items_amount: ", "currency_code: ", "review_id"):
        assert part in reasons
    kept_out = "select count(*) from core.fct_orders where order_id in ('OLD', 'BIG', 'CURRENCY')"
    assert rows(company, kept_out) == [(0,)]
    assert rows(company, "select min(date_day) from core.dim_dates") == [(date(2025, 1, 5),)]


def test_a_second_run_changes_nothing_and_a_full_refresh_is_equal(company: Company) -> None:
    before = company.marts()
    company.run({"orders": DELIVERY["orders"], "reviews": DELIVERY["reviews"]}, AS_OF)
    again = company.marts()
    company.full_refresh(AS_OF)
    assert again == company.marts() == before


def test_a_word_that_nobody_mapped_stops_its_file_by_name(tmp_path: Path) -> None:
    company = Company(tmp_path / "c", PARSED)
    unknown = [order(f"o{n}", status="processing") for n in range(9)]
    with Warehouse(company.settings).connect() as connection:
        company.deliver({"orders": [order("o9"), *unknown]}, 1)
        (load,) = ingest(connection, company.source(), build_id="1", loaded_at=company.now())
    assert load.status == "rejected"
    assert "status: `processing` in 9 records is not known" in str(load.reason)
