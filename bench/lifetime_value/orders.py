"""A program: invented orders in DuckDB (`generate`), and from them to scored customers as a build does it
(`score`): purchase days, histories and cells by SQL, the product's own forecast with the backtest of all
models, scores joined by SQL. Belongs here: the orders, and SQL that stands in for dbt's. Does not belong
here: the forecast."""

from __future__ import annotations

import sys
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb

from dagster_project.lifetime_value.fit import forecast
from dagster_project.lifetime_value.histories import Thresholds

AS_OF = date(2026, 1, 1)
MONDAY = AS_OF - timedelta(days=AS_OF.weekday())
SETTINGS: Thresholds = {
    "horizon_days": 365.0,
    "discount_rate": 0.1,
    "exact_customers": 1e6,
    "holdout_days": 182.0,
    "backtest_customers": 2e4,
}
CHUNK = 500_000
SPAN = 18446744073709551616.0
# Arrival, rate, number of repeats and worth of each customer, from hashes: the same table on every machine.
GENERATE = f"""
    insert into orders
    with customers as (
        select
            range as customer_id,
            hash(range, 1) / {SPAN} * 1000 as arrival,
            -ln(1 - hash(range, 2) / {SPAN}) / 40 as rate,
            cast(floor(-ln(1 - hash(range, 3) / {SPAN}) * 5) as integer) as repeats,
            exp(3 + hash(range, 4) / {SPAN}) as worth
        from range($first, $last)
    ),
    waits as (
        select
            customers.*,
            number,
            case
                when number = 0 then 0
                else -ln(1 - hash(customer_id, 5, number) / {SPAN}) / greatest(rate, 1e-4)
            end as wait
        from customers, unnest(range(repeats + 1)) as numbers(number)
    ),
    moments as (
        select
            *,
            arrival + sum(wait) over (partition by customer_id order by number) as moment
        from waits
    )
    select
        customer_id,
        date '2023-01-01' + cast(floor(moment) as integer) as order_date,
        cast(worth * (0.5 + hash(customer_id, 6, number) / {SPAN}) as decimal(18, 2)) as net_amount
    from moments
    where moment < 1096
"""
HISTORY = """
    select
        customer_id,
        cast(count(*) - 1 as integer) as frequency,
        max(purchase_date) - min(purchase_date) as recency,
        date '{until}' - min(purchase_date) - 1 as age,
        count(*) filter (day_amount > 0 and purchase_date > first_purchase_date) as spend_frequency,
        cast(sum(day_amount) filter (purchase_date > first_purchase_date and day_amount > 0)
            / nullif(count(*) filter (purchase_date > first_purchase_date and day_amount > 0), 0)
            as decimal(18, 2)) as monetary_value
    from intermediate.int_customer_purchase_days
    where purchase_date < date '{until}'
    group by customer_id
"""
STEPS = {
    "purchase days": """
        create table intermediate.int_customer_purchase_days as
        with days as (
            select
                customer_id,
                order_date as purchase_date,
                cast(sum(net_amount) as decimal(18, 2)) as day_amount
            from orders
            group by all
        ),
        firsts as (
            select customer_id, min(order_date) as first_purchase_date from orders group by all
        )
        select * from days join firsts using (customer_id)
    """,
    "histories up to as_of": f"""
        create table intermediate.int_customer_purchases as
        select *, recency // 7 as cell_recency, age // 7 as cell_age
        from ({HISTORY.format(until=AS_OF)})
    """,
    "histories up to the Monday": f"""
        create table intermediate.int_value_fit as
        select date '{MONDAY}' as fitted_until, history.* from ({HISTORY.format(until=MONDAY)}) as history
    """,
    "cells": """
        create table intermediate.int_value_cells as
        select
            frequency, cell_recency, cell_age, spend_frequency,
            count(*) as customer_count,
            sum(recency) / count(*) as recency,
            sum(age) / count(*) as age
        from intermediate.int_customer_purchases
        group by all
    """,
}
JOINED = """
    create table scored as
    select
        customer_id,
        probability_alive,
        probability_active,
        expected_orders,
        time_to_next_order,
        {lines}
    from intermediate.int_customer_purchases as purchases
    join forecast.lifetime_value_scores
        using (frequency, cell_recency, cell_age, spend_frequency)
"""
LINES = ("revenue", "revenue_low_80", "revenue_high_80", "revenue_low_95", "revenue_high_95")


def generate(file: Path, customers: int) -> None:
    """Some four orders a customer over three years."""
    file.unlink(missing_ok=True)
    with _connected(file) as connection:
        connection.execute(
            "create table orders (customer_id bigint, order_date date, net_amount decimal(18, 2))"
        )
        for first in range(0, customers, CHUNK):
            window = {"first": first, "last": min(first + CHUNK, customers)}
            connection.execute(GENERATE, window)


def score(file: Path) -> None:
    """From orders to scored customers; prints a line per step."""
    with _connected(file) as connection:
        for schema in ("intermediate", "forecast"):
            connection.execute(f"drop schema if exists {schema} cascade")
        connection.execute("drop table if exists scored")
        connection.execute("create schema intermediate")
        orders = connection.execute("select count(*) from orders").fetchone()
        for name, query in STEPS.items():
            begin = _clocks()
            connection.execute(query)
            _report(name, begin)
        begin = _clocks()
        outcome = forecast(connection, as_of=AS_OF, build_id="bench", thresholds=SETTINGS)
        _report(f"models and {outcome.cells} cells ({outcome.family}, {outcome.reason})", begin)
        begin = _clocks()
        lines = ", ".join(
            f"{line}_constant + {line}_slope * coalesce(cast(monetary_value as double), 0) as {line}"
            for line in LINES
        )
        connection.execute(JOINED.format(lines=lines))
        scored = connection.execute("select count(*) from scored").fetchone()
        assert orders is not None and scored is not None
        _report(f"{orders[0]} orders, {scored[0]} customers scored and joined", begin)


def _connected(file: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(file))
    connection.execute("set memory_limit = '2GB'")
    connection.execute("set threads = 2")
    connection.execute("set preserve_insertion_order = false")
    return connection


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _report(name: str, begin: tuple[float, float]) -> None:
    wall, cpu = (now - then for now, then in zip(_clocks(), begin, strict=True))
    print(f"{name}\t{wall:.1f}\t{cpu:.1f}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "generate":
        generate(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        score(Path(sys.argv[2]))
