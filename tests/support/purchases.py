"""Purchases of invented customers in an in-memory warehouse that holds only the tables a forecast reads.
Belongs here: inventing the purchases, and these tables. Does not belong here: expectations, and what dbt
counts, which `tests/integration/test_value_recomputed.py` checks on real builds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa

Purchase = tuple[str, date, float]
"""Customer, day, the day's revenue."""

SCHEMA = """
    create schema intermediate;
    create table intermediate.int_customer_purchase_days as
    select
        customer as customer_id,
        day as purchase_date,
        min(day) over (partition by customer) as first_purchase_date,
        cast(sum(amount) as decimal(18, 2)) as day_amount
    from purchases
    group by customer, day
"""
HISTORY = """
    select
        customer_id,
        cast(count(*) - 1 as integer) as frequency,
        max(purchase_date) - min(purchase_date) as recency,
        $until - min(purchase_date) - 1 as age,
        count(*) filter (day_amount > 0 and purchase_date > first_purchase_date) as spend_frequency,
        cast(avg(day_amount) filter (day_amount > 0 and purchase_date > first_purchase_date)
            as decimal(18, 2)) as monetary_value
    from intermediate.int_customer_purchase_days
    where purchase_date < $until
    group by customer_id
"""
CELLS = """
    create table intermediate.int_value_cells as
    select
        frequency, recency as cell_recency, age as cell_age, spend_frequency,
        count(*) as customer_count, avg(recency) as recency, avg(age) as age
    from intermediate.int_customer_purchases
    group by all
"""


def warehouse(purchases: Iterable[Purchase], as_of: date) -> duckdb.DuckDBPyConnection:
    """A connection to a warehouse in which these purchases are counted, in cells of exact days."""
    customers, days, amounts = [], [], []
    for customer, day, amount in purchases:
        if day < as_of:
            customers.append(customer)
            days.append(day)
            amounts.append(amount)
    connection = duckdb.connect()
    columns = (
        pa.array(customers, pa.string()),
        pa.array(days, pa.date32()),
        pa.array(amounts, pa.float64()),
    )
    connection.register("purchases", pa.table(columns, ["customer", "day", "amount"]))
    connection.execute(SCHEMA)
    until = as_of - timedelta(days=as_of.weekday())
    connection.execute(
        f"create table intermediate.int_customer_purchases as {HISTORY}", {"until": as_of}
    )
    connection.execute(
        "create table intermediate.int_value_fit as"
        f" select cast($until as date) as fitted_until, history.* from ({HISTORY}) as history",
        {"until": until},
    )
    connection.execute(CELLS)
    return connection


def coming_and_going(number: int, first_day: date, last_day: date, seed: int = 1) -> list[Purchase]:
    """Customers who arrive evenly over time. Each buys at their own rate (gamma) and, after each purchase,
    leaves for good with their own chance (beta)."""
    dice = np.random.default_rng(seed)
    found: list[Purchase] = []
    span = (last_day - first_day).days
    for customer in range(number):
        rate, leaving = dice.gamma(1.3, 1 / 60), dice.beta(1.1, 3.2)
        at = dice.random() * span
        worth = 20 / dice.gamma(4)
        while at <= span:
            day = first_day + timedelta(days=int(at))
            found.append((f"c{customer:05}", day, round(float(dice.gamma(6, worth)), 2) + 0.01))
            if dice.random() < leaving:
                break
            at += dice.exponential(1 / max(rate, 1e-6))
    return found
