"""What the records of real shops say about money, from delivered files to marts: refunds with and without
their parts, prices with tax, credit notes, gift cards, free and test orders (docs/definitions.md, Orders)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.incremental_runs import Company, rows

AS_OF = date(2025, 6, 1)
DAY = "2025-01-10T10:00:00Z"
LATER = "2025-02-10T10:00:00Z"


def order(order_id: str, **fields: Any) -> dict[str, Any]:
    """A completed order of a person of its own."""
    return {
        "order_id": order_id, "ordered_at": DAY, "email": f"{order_id.lower()}@x.test",
        "status": "completed", **fields,
    }  # fmt: skip


def refund(refund_id: str, order_id: str, amount: str, **fields: Any) -> dict[str, Any]:
    return {
        "refund_id": refund_id, "order_id": order_id, "refunded_at": LATER, "amount": amount, **fields,
    }  # fmt: skip


def payment(order_id: str, amount: str, **fields: Any) -> dict[str, Any]:
    return {
        "payment_id": f"p{order_id}{len(fields)}", "order_id": order_id, "paid_at": DAY, "amount": amount,
        **fields,
    }  # fmt: skip


TAXED = {"items_amount": "100", "shipping_amount": "10", "tax_amount": "21"}
WITH_TAX = {"items_amount": "121", "tax_amount": "21", "prices_include_tax": "true"}
DELIVERY: dict[str, list[dict[str, Any]]] = {
    "orders": [
        order("H1", **TAXED), order("H2", **TAXED), order("H3", **TAXED), order("H4", **TAXED),
        order("H5", **TAXED), order("H6", **TAXED), order("H7", **TAXED), order("H8", **TAXED),
        order("T1", **WITH_TAX, status="placed"), order("T2", **WITH_TAX, status="placed"),
        order("T3", **{**WITH_TAX, "discount_amount": "12.10", "tax_amount": "18.90"}),
        order("T4", **WITH_TAX),
        order("F1", items_amount="40", email="f@x.test"),
        *(order(f"F{n}", items_amount="0", email="f@x.test") for n in (2, 3, 4)),
        order("D1", items_amount="30", discount_amount="30"),
        order("TEST", items_amount="70", is_test="true", email="staff@x.test"),
        order("N1"), order("N2"), order("N3", shipping_amount="5"),
        order("C1", items_amount="500", email="c@x.test"),
    ],
    "refunds": [
        refund("r1", "H1", "60.50"),
        refund("r2", "H2", "10", shipping_amount="10"),
        refund("r3", "H3", "100"),
        refund("r4", "H4", "131"),
        refund("r5a", "H5", "60.50"), refund("r5b", "H5", "60.50", refunded_at="2025-02-11T10:00:00Z"),
        refund("r6a", "H6", "60.50"), refund("r6b", "H6", "-60.50", refunded_at="2025-02-11T10:00:00Z"),
        refund("r7", "H7", "40", items_amount="33.06", tax_amount="6.94"),
        refund("r8", "H8", "50", status="pending"),
        refund("t4", "T4", "60.50"),
        {"refund_id": "c1", "refunded_at": LATER, "amount": "200", "email": "c@x.test"},
        {"refund_id": "c2", "refunded_at": LATER, "amount": "121", "tax_amount": "21", "email": "only@x.test"},
        {"refund_id": "c3", "refunded_at": LATER, "amount": "7"},
    ],
    "payments": [payment("T1", "121", status="paid"), payment("T2", "120.99"), payment("N2", "25")],
}  # fmt: skip
NET = {
    "H1": "50.00", "H2": "100.00", "H3": "17.36", "H4": "0.00", "H5": "0.00", "H6": "100.00", "H7": "66.94",
    "H8": "100.00", "T1": "100.00", "T2": "100.00", "T3": "90.00", "T4": "50.00", "F1": "40.00", "F2": "0.00",
    "F3": "0.00", "F4": "0.00", "D1": "0.00", "TEST": "70.00", "N1": None, "N2": "25.00", "N3": None,
    "C1": "500.00",
}  # fmt: skip
NEVER = {"H4", "H5", "T2", "F2", "F3", "F4", "D1", "TEST", "N1", "N3"}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    built = Company(tmp_path_factory.mktemp("money"))
    built.run(DELIVERY, AS_OF)
    return built


def test_net_amounts_and_what_counts(company: Company) -> None:
    shown = {
        order_id: (net, is_counted)
        for order_id, net, is_counted in rows(
            company, "select order_id, net_amount, is_counted from core.fct_orders"
        )
    }
    assert shown == {
        order_id: (None if net is None else Decimal(net), order_id not in NEVER)
        for order_id, net in NET.items()
    }


def test_prices_without_their_tax(company: Company) -> None:
    query = "select items_amount, discount_amount, tax_amount from core.fct_orders where order_id = 'T3'"
    assert rows(company, query) == [(Decimal("100.00"), Decimal("10.00"), Decimal("18.90"))]


def test_the_parts_of_refunds(company: Company) -> None:
    shown = rows(
        company,
        "select refund_id, items_amount, tax_amount, shipping_amount from core.fct_refunds order by 1",
    )
    assert shown == [
        ("c1", Decimal("200.00"), Decimal("0.00"), Decimal("0.00")),
        ("c2", Decimal("100.00"), Decimal("21.00"), Decimal("0.00")),
        ("c3", Decimal("7.00"), Decimal("0.00"), Decimal("0.00")),
        ("r1", Decimal("50.00"), Decimal("10.50"), Decimal("0.00")),
        ("r2", Decimal("0.00"), Decimal("0.00"), Decimal("10.00")),
        ("r3", Decimal("82.64"), Decimal("17.36"), Decimal("0.00")),
        ("r4", Decimal("100.00"), Decimal("21.00"), Decimal("10.00")),
        ("r5a", Decimal("50.00"), Decimal("10.50"), Decimal("0.00")),
        ("r5b", Decimal("50.00"), Decimal("10.50"), Decimal("0.00")),
        ("r6a", Decimal("50.00"), Decimal("10.50"), Decimal("0.00")),
        ("r6b", Decimal("-50.00"), Decimal("-10.50"), Decimal("0.00")),
        ("r7", Decimal("33.06"), Decimal("6.94"), Decimal("0.00")),
        ("t4", Decimal("50.00"), Decimal("10.50"), Decimal("0.00")),
    ]


def test_credit_notes_lower_the_customer_and_the_shop(company: Company) -> None:
    customers = rows(
        company,
        "select lifetime_net_revenue, counted_order_count, relationship_stage from core.dim_customers"
        " where lifetime_refund_amount >= 100 order by 1",
    )
    assert customers == [
        (Decimal("-100.00"), 0, "prospect"),  # a credit note alone
        (Decimal("300.00"), 1, "first_purchase"),
    ]
    query = "select month, credit_note_amount from core.rpt_revenue_reconciliation"
    months = rows(company, query + " where credit_note_amount <> 0")
    assert months == [(date(2025, 2, 1), Decimal("307.00"))]
    cohorts = "select sum(net_revenue) from lifecycle.fct_customer_cohorts_monthly"
    buyers = (
        "select sum(lifetime_net_revenue) from core.dim_customers where counted_order_count > 0"
    )
    assert rows(company, cohorts) == rows(company, buyers)
    monthly = "select sum(net_revenue) from value.fct_customer_value_monthly"
    everyone = "select sum(lifetime_net_revenue) from core.dim_customers"
    assert rows(company, monthly) == rows(company, everyone)


def test_free_orders_make_nobody_loyal_and_test_orders_nobody(company: Company) -> None:
    query = "select max(counted_order_count), count(*) from core.dim_customers"
    most, people = rows(company, query)[0]
    # Everybody but the staff: 8 with H, 4 with T, one with F, D1, three with N, C1 and a credit note alone.
    assert (most, people) == (1, 19)


def test_every_check_holds(company: Company) -> None:
    failed = company.failed_tests()
    assert (
        failed
        == {"assert_every_order_has_an_amount", "assert_revenue_reconciles_to_payments"} & failed
    )


def test_money_is_the_same_in_steps(company: Company, tmp_path: Path) -> None:
    """Orders, then payments, then refunds, one run after another, on top of each other."""
    stepwise = Company(tmp_path / "steps", company.parsed)
    stepwise.run({"orders": DELIVERY["orders"]}, date(2025, 2, 1))
    stepwise.run({"payments": DELIVERY["payments"]}, date(2025, 2, 11))
    stepwise.run({"refunds": DELIVERY["refunds"]}, AS_OF)
    assert stepwise.marts() == company.marts()


@pytest.mark.parametrize(
    ("kind", "counted"),
    [("gift_card", {"REDEEM"}), (None, {"REDEEM", "SELL"})],
)
def test_a_gift_card_is_revenue_once(
    company: Company, tmp_path: Path, kind: str | None, counted: set[str]
) -> None:
    """Sold for 50 and redeemed for 50: revenue of the goods where the card is known as one, else of the
    sale."""
    shop = Company(tmp_path / "cards", company.parsed)
    product = {"product_id": "card", "name": "Card"} | ({"kind": kind} if kind else {})
    line = {"line_number": "1", "quantity": "1", "unit_price": "50"}
    shop.run(
        {
            "orders": [
                order("SELL", items_amount="50", email="g@x.test"),
                order("REDEEM", items_amount="80", email="g@x.test", ordered_at="2025-03-01T10:00:00Z"),
            ],
            "order_lines": [{"order_id": "SELL", "product_id": "card", **line}],
            "products": [product],
            "payments": [
                payment("REDEEM", "50", method="gift_card"),
                payment("REDEEM", "30", method="card", status="paid"),
            ],
        },
        AS_OF,
    )  # fmt: skip
    query = "select order_id, net_amount, is_counted from core.fct_orders"
    shown = rows(shop, query)
    assert {order_id for order_id, _, is_counted in shown if is_counted} == counted
    assert sum(net for _, net, is_counted in shown if is_counted) == Decimal("80.00")
