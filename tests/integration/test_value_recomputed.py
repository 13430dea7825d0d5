"""Value, recomputed: the customers' revenue, straight from the delivered files in plain Python, to the cent;
and their forecasts, by Python from each customer's history and the published registry row, where the
warehouse joins cells in SQL."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pytest

from dagster_project.calibration.reference import THRESHOLDS_FILE
from dagster_project.lifetime_value.btyd import Cells, score
from dagster_project.lifetime_value.btyd.cells import Floats
from dagster_project.lifetime_value.registry import fit_of
from tests.support.delivered import Delivered, cents, delivered_to
from tests.support.installation import Installation

LAST_DAY = date(2025, 12, 31)
MONTHLY = """
    select customer_id, month, currency_code, order_count, later_order_count, gross_revenue,
        discount_amount, refund_amount, net_revenue, first_order_revenue, later_order_revenue,
        cumulative_order_count, cumulative_net_revenue, margin, cumulative_margin
    from value.fct_customer_value_monthly
"""
CHANCES = {
    "probability_alive": "probability_alive",
    "probability_active_12m": "probability_active",
    "expected_orders_12m": "expected_orders",
}
REVENUE = {
    "predicted_revenue_12m": "revenue",
    "predicted_revenue_12m_low": "revenue_low_80",
    "predicted_revenue_12m_high": "revenue_high_80",
    "predicted_revenue_12m_low_95": "revenue_low_95",
    "predicted_revenue_12m_high_95": "revenue_high_95",
}
ROUNDING = 1e-9
HALF_A_CENT = 0.005 + 1e-7


@dataclass
class Month:
    """The amounts booked for one customer in one month."""

    orders: int = 0
    first_orders: int = 0
    gross: Decimal = Decimal("0.00")
    discount: Decimal = Decimal("0.00")
    refund: Decimal = Decimal("0.00")
    first: Decimal = Decimal("0.00")
    cost: Decimal | None = Decimal("0.00")


@dataclass
class Account:
    """One customer's months, and the daily totals that models read."""

    months: dict[date, Month] = field(default_factory=lambda: defaultdict(Month))
    days: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    @property
    def history(self) -> tuple[int, int, int, int, Decimal | None]:
        """Frequency, recency, age, days with revenue after the first, and their mean."""
        days = sorted(self.days)
        later = [self.days[day] for day in days[1:] if self.days[day] > 0]
        return (
            len(days) - 1,
            (days[-1] - days[0]).days,
            (LAST_DAY - days[0]).days,
            len(later),
            cents(sum(later, Decimal(0)) / len(later)) if later else None,
        )


@pytest.fixture(scope="module")
def delivered(demo: Installation) -> Delivered:
    return delivered_to(demo)


Rates = dict[str, dict[date, Decimal]]
Refunds = dict[str, list[tuple[date, Decimal]]]
Costs = dict[str, Decimal | None]


@pytest.fixture(scope="module")
def rates(delivered: Delivered) -> Rates:
    found: Rates = defaultdict(dict)
    for record in delivered.records["currency_rates"]:
        day = date.fromisoformat(record["rate_date"])
        found[record["currency_code"]][day] = Decimal(record["rate"])
    return found


def _goods(refund: dict[str, Any]) -> Decimal:
    """What a refund gave back for goods, as itemised; else all of it."""
    return Decimal(refund.get("items_amount") or refund["amount"])


def _rate(rates: Rates, currency: str, day: date) -> Decimal:
    known = rates[currency]
    return known[max(each for each in known if each <= day)] if known else Decimal(1)


@pytest.fixture(scope="module")
def refunds(delivered: Delivered, rates: Rates) -> Refunds:
    """Per order: days and amounts of its refunds, in euro at the rate of the day."""
    currencies = {each["order_id"]: each["currency_code"] for each in delivered.of("orders")}
    found = defaultdict(list)
    for record in delivered.of("refunds"):
        if record["order_id"] in currencies:
            day = record["at"].date()
            rate = _rate(rates, currencies[record["order_id"]], day)
            found[record["order_id"]].append((day, cents(_goods(record) * rate)))
    return found


@pytest.fixture(scope="module")
def costs(delivered: Delivered, rates: Rates) -> Costs:
    """Per order with lines, the cost of its goods in euro; None when the cost of a line is unknown."""
    catalogue = {
        each["product_id"]: each.get("unit_cost") for each in delivered.records["products"]
    }
    lines = defaultdict(list)
    for record in delivered.records["order_lines"]:
        lines[record["order_id"]].append(record)
    found: Costs = {}
    for order in delivered.of("orders"):
        stated, listed, is_known = Decimal(0), Decimal(0), True
        for line in lines[order["order_id"]]:
            quantity, of_product = Decimal(line["quantity"]), catalogue.get(line.get("product_id"))
            if line.get("unit_cost"):
                stated += quantity * Decimal(line["unit_cost"])
            elif of_product:
                listed += quantity * Decimal(of_product)
            else:
                is_known = False
        rate = _rate(rates, order["currency_code"], order["at"].date())
        is_known = is_known and bool(lines[order["order_id"]])
        cost = cents(cents(stated) * rate) + cents(listed)
        found[order["order_id"]] = cost if is_known else None
    return found


@pytest.fixture(scope="module")
def accounts(delivered: Delivered, refunds: Refunds, costs: Costs) -> dict[str, Account]:
    found = {}
    for customer, orders in delivered.bought.items():
        account = found[customer] = Account()
        for number, order in enumerate(orders, start=1):
            month = account.months[order.ordered_at.date().replace(day=1)]
            month.orders += 1
            month.gross += order.items
            month.discount += order.discount
            cost = costs[order.order_id]
            month.cost = None if cost is None or month.cost is None else month.cost + cost
            if number == 1:
                month.first_orders += 1
                month.first += order.items - order.discount
            account.days[order.ordered_at.date()] += order.net
            for day, amount in refunds[order.order_id]:
                account.months[day.replace(day=1)].refund += amount
    return found


def test_the_files_hold_cases_that_must_be_distinguished(
    delivered: Delivered, refunds: Refunds
) -> None:
    counted = {order.order_id: order for orders in delivered.bought.values() for order in orders}
    payments = Counter(
        payment["order_id"]
        for payment in delivered.records["payments"]
        if payment["order_id"] in counted
    )
    given_back = {order_id: days for order_id, days in refunds.items() if order_id in counted}
    currencies = Counter(
        order["currency_code"] for order in delivered.of("orders") if order["order_id"] in counted
    )
    assert sum(number > 1 for number in payments.values()) > 20
    assert len(given_back) > 20
    assert sum(
        day.replace(day=1) > counted[order_id].ordered_at.date()
        for order_id, days in given_back.items()
        for day, _ in days
    )
    assert min(currencies["EUR"], currencies["CZK"]) > 100
    assert {"cancelled", "failed", "returned"} <= {order.status for order in delivered.orders}
    assert sum(not order.is_counted for order in delivered.orders) > 100


def test_every_month_of_every_customer_to_the_cent(
    demo: Installation, accounts: dict[str, Account]
) -> None:
    with demo.served() as connection:
        rows = connection.execute(MONTHLY).fetchall()
    expected: set[tuple[Any, ...]] = set()
    for customer, account in accounts.items():
        orders, net_so_far = 0, Decimal(0)
        margin_so_far: Decimal | None = Decimal(0)
        for day, month in sorted(account.months.items()):
            net = month.gross - month.discount - month.refund
            orders, net_so_far = orders + month.orders, net_so_far + net
            margin = None if month.cost is None else net - month.cost
            if margin is None or margin_so_far is None:
                margin_so_far = None
            else:
                margin_so_far += margin
            expected.add(
                (
                    *(customer, day, "EUR", month.orders, month.orders - month.first_orders),
                    *(month.gross, month.discount, month.refund, net),
                    *(month.first, month.gross - month.discount - month.first),
                    *(orders, net_so_far, margin, margin_so_far),
                )
            )
    assert len(rows) == len(expected) > 3000
    assert 100 < sum(row[-1] is None for row in rows) < len(rows) - 1000
    assert set(rows) == expected


def test_scores_joined_in_sql_are_python_s(
    demo: Installation, accounts: dict[str, Account]
) -> None:
    with demo.served() as connection:
        table = _rows(
            connection, "from value.fct_customer_lifetime_value where frequency is not null"
        )
        models = _rows(connection, "from value.lifetime_value_models where is_champion")
    with demo.private() as connection:
        [verdict] = _rows(connection, "from forecast.lifetime_value_verdicts")
    champions = {row["component"]: row for row in models}
    assert set(champions) == {"purchases", "spend"}
    assert {row["customer_id"] for row in table} == set(accounts)
    histories = [accounts[row["customer_id"]].history for row in table]
    keys = ("frequency", "recency", "age")
    for row, (*history, _, mean) in zip(table, histories, strict=True):
        assert [*(row[key] for key in keys), row["monetary_value"]] == [*history, mean]
    columns = [np.array(column, dtype=np.float64) for column in list(zip(*histories, strict=True))]
    fit, spend = fit_of(champions["purchases"]), fit_of(champions["spend"])
    assert fit is not None and spend is not None
    horizon, discount = (_threshold(f"value_{name}") for name in ("horizon_days", "discount_rate"))
    scores = score(
        *(fit, Cells(*columns[:3]), spend, columns[3]),
        horizon=horizon,
        annual_discount=discount,
        levels=json.loads(verdict["revenue_levels"]),
        revenue_method=verdict["revenue_method"],
    )
    means = np.nan_to_num(columns[4])
    for ours, theirs in CHANCES.items():
        assert _of(table, ours) == pytest.approx(scores[theirs], rel=ROUNDING, abs=ROUNDING)
    for ours, theirs in REVENUE.items():
        constant, slope = scores[f"{theirs}_constant"], scores[f"{theirs}_slope"]
        assert constant is not None and slope is not None
        expected = constant + slope * means
        if "high" in ours:
            expected = np.maximum(expected, _of(table, "predicted_revenue_12m"))
        assert np.abs(_of(table, ours) - expected).max() <= HALF_A_CENT, ours
    waits = scores["time_to_next_order"]
    assert waits is not None
    for row, wait in zip(table, waits.tolist(), strict=True):
        assert row["model_id"] == champions["purchases"]["model_id"]
        assert row["reason_code"] == "scored"
        is_dated = wait < 36_500 and row["probability_alive"] >= 0.5
        after = row["as_of"] + timedelta(days=int(wait)) if is_dated else None
        assert row["expected_next_order_date"] == after


def test_predicted_margin_is_revenue_at_the_customer_s_own_margin(demo: Installation) -> None:
    with demo.served() as connection:
        table = _rows(connection, "from value.fct_customer_lifetime_value")
    known = [row for row in table if row["predicted_margin_12m"] is not None]
    assert len(known) > 500
    for row in table:
        are_distinct = (
            row["predicted_revenue_12m"] is not None
            and row["lifetime_margin"] is not None
            and row["lifetime_net_revenue"] > 0
        )
        assert (row["predicted_margin_12m"] is not None) == are_distinct
    for row in known:
        share = row["lifetime_margin"] / row["lifetime_net_revenue"]
        # Revenue is rounded to the cent before it is read here.
        tolerance = Decimal("0.005") * (1 + abs(share)) + Decimal("1e-6")
        assert abs(row["predicted_margin_12m"] - row["predicted_revenue_12m"] * share) <= tolerance


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _of(table: list[dict[str, Any]], column: str) -> Floats:
    return np.array([float(row[column]) for row in table])


def _threshold(name: str) -> float:
    with THRESHOLDS_FILE.open() as file:
        return next(float(row["value"]) for row in csv.DictReader(file) if name in row.values())
