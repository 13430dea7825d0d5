"""Purchase histories as arrays. Belongs here: reading what dbt counted. Does not belong here: counting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import duckdb
import numpy as np

from dagster_project.lifetime_value import Cells, SpendCells, Trial
from dagster_project.lifetime_value.cells import Floats

Connection: TypeAlias = duckdb.DuckDBPyConnection

CELLS = """
    select frequency, recency, age, count(*) as weight
    from {relation} group by all order by all
"""
# The mean of a bucket, not its edge: an edge would bias the fit. Sums of whole numbers are exact in any order.
WEEKS = """
    select
        frequency,
        sum(recency) / count(*) as recency,
        sum(age) / count(*) as age,
        count(*) as weight
    from {relation}
    group by frequency, recency // 7, age // 7
    order by frequency, recency // 7, age // 7
"""
SPEND = """
    select spend_frequency, monetary_value, count(*) as weight
    from {relation} where monetary_value > 0 group by all order by all
"""
# Bands of a hundredth of their value.
SPEND_BANDS = """
    select
        spend_frequency,
        cast(sum(monetary_value) as double) / count(*) as monetary_value,
        count(*) as weight
    from {relation}
    where monetary_value > 0
    group by spend_frequency, round(100 * ln(monetary_value))
    order by spend_frequency, round(100 * ln(monetary_value))
"""


@dataclass(frozen=True, eq=False)
class History:
    """Customers who bought up to a day.

    Attributes:
        until: the day, exclusive.
        cells: distinct histories in days, with their customers.
        spend: distinct spending of those who came back.
    """

    until: date
    cells: Cells
    spend: SpendCells


def fitted_history(connection: Connection, exact_customers: float) -> History | None:
    """Everybody who bought before the Monday that models are fitted up to; None for nobody. From
    `exact_customers` on they are told apart by the week and not by the day."""
    row = connection.execute("select max(fitted_until) from intermediate.int_value_fit").fetchone()
    if row is None or row[0] is None:
        return None
    return _history(connection, row[0], "intermediate.int_value_fit", exact_customers)


def history_now(connection: Connection, as_of: date, exact_customers: float) -> History:
    """Everybody who bought before as_of."""
    return _history(connection, as_of, "intermediate.int_customer_purchases", exact_customers)


def _history(connection: Connection, until: date, relation: str, exact_customers: float) -> History:
    row = connection.execute(f"select count(*) from {relation}").fetchone()
    is_exact = row is not None and row[0] < exact_customers
    cells = _columns(connection, (CELLS if is_exact else WEEKS).format(relation=relation))
    spend = _columns(connection, (SPEND if is_exact else SPEND_BANDS).format(relation=relation))
    return History(
        until,
        Cells(cells["frequency"], cells["recency"], cells["age"], cells["weight"]),
        SpendCells(spend["spend_frequency"], spend["monetary_value"], spend["weight"]),
    )


def trial(connection: Connection) -> Trial | None:
    """The customers on whom models are tried; None for nobody."""
    found = _columns(
        connection,
        "select frequency, recency, age, spend_frequency, spend_amount, holdout_purchases,"
        " greatest(holdout_amount, 0) as holdout_amount, holdout_days"
        " from intermediate.int_value_trial order by customer_id",
    )
    if not len(found["frequency"]):
        return None
    return Trial(
        Cells(found["frequency"], found["recency"], found["age"]),
        horizon=float(found["holdout_days"][0]),
        purchases=found["holdout_purchases"],
        spend_frequency=found["spend_frequency"],
        monetary_value=found["spend_amount"] / np.maximum(found["spend_frequency"], 1),
        spent=found["holdout_amount"],
    )


def purchases_by_week(connection: Connection) -> Floats:
    """Purchase days of the trial's customers in the held-out period, by whole week since the split; all of
    its weeks, cumulative."""
    weeks = _columns(
        connection,
        """
        with splits as (
            select
                max(fitted_until) as fitted_until,
                (select max(holdout_days) from intermediate.int_value_trial) as holdout_days
            from intermediate.int_value_fit
        ),
        weeks as (
            select (purchase_date - (fitted_until - holdout_days)) // 7 as week, count(*) as purchases
            from intermediate.int_customer_purchase_days
            semi join intermediate.int_value_trial using (customer_id)
            cross join splits
            where purchase_date >= fitted_until - holdout_days and purchase_date < fitted_until
            group by all
        )
        select coalesce(purchases, 0) as purchases
        from (select unnest(range(holdout_days // 7)) as week from splits)
        left join weeks using (week)
        order by week
        """,
    )
    total: Floats = np.cumsum(weeks["purchases"])
    return total


def purchases_since(connection: Connection, until: date) -> float:
    """Purchase days from a day on, of customers who had bought before it."""
    row = connection.execute(
        "select count(*) from intermediate.int_customer_purchase_days"
        f" where purchase_date >= date '{until}' and first_purchase_date < date '{until}'"
    ).fetchone()
    assert row is not None
    return float(row[0])


def scored_cells(connection: Connection) -> dict[str, Floats]:
    """The cells to score: their keys, and their mean recency and age in days."""
    return _columns(
        connection,
        "select frequency, cell_recency, cell_age, spend_frequency, recency, age, customer_count"
        " from intermediate.int_value_cells"
        " order by frequency, cell_recency, cell_age, spend_frequency",
    )


def _columns(connection: Connection, query: str) -> dict[str, Floats]:
    """A query's columns as doubles, without a dependency on pandas."""
    table = connection.execute(query).to_arrow_table()
    return {
        name: table[name].cast("float64").to_numpy(zero_copy_only=False).astype(np.float64)
        for name in table.column_names
    }
