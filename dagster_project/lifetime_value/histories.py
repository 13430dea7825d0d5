"""Purchase histories as arrays. Belongs here: reading what dbt counted and aggregating equal histories, in SQL
that every engine of the models supports. Does not belong here: counting, or which engine it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

import numpy as np

from dagster_project.lifetime_value.btyd import Cells, SpendCells, Split
from dagster_project.lifetime_value.btyd.cells import Floats

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

# Runs a query on the engine that holds dbt's tables.
Ask: TypeAlias = "Callable[[str], pa.Table]"

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
    group by frequency, floor(recency / 7), floor(age / 7)
    order by frequency, floor(recency / 7), floor(age / 7)
"""
SPEND = """
    select spend_frequency, monetary_value, count(*) as weight
    from {relation} where monetary_value > 0 group by all order by all
"""
# Bands of one per cent of the value.
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
    """The histories of all customers who bought before a day.

    Attributes:
        until: the day, exclusive.
        cells: distinct histories in days, with the number of their customers.
        spend: distinct spend histories, with the number of their customers.
    """

    until: date
    cells: Cells
    spend: SpendCells


def asking(connection: duckdb.DuckDBPyConnection) -> Ask:
    """An `Ask` that queries a DuckDB warehouse."""
    return lambda query: connection.execute(query).to_arrow_table()


class Thresholds(TypedDict):
    """The thresholds that a forecast uses; `forecast` in `fit.py` documents their meaning."""

    horizon_days: float
    discount_rate: float
    exact_customers: float


def thresholds(ask: Ask) -> Thresholds:
    """The thresholds of the current build."""
    [found] = ask(
        "select value_horizon_days, value_discount_rate, value_exact_customers"
        " from intermediate.int_thresholds"
    ).to_pylist()
    return {
        "horizon_days": float(found["value_horizon_days"]),
        "discount_rate": float(found["value_discount_rate"]),
        "exact_customers": float(found["value_exact_customers"]),
    }


def fitted_history(ask: Ask, exact_customers: float) -> History | None:
    """The customers who bought before the Monday that models are fitted up to; None when there are none. From
    `exact_customers` customers on, histories are aggregated by the week and not by the day."""
    until = _value(ask, "select max(fitted_until) as value from intermediate.int_value_fit")
    if until is None:
        return None
    return _history(ask, until, "intermediate.int_value_fit", exact_customers)


def history_now(ask: Ask, as_of: date, exact_customers: float) -> History:
    """The customers who bought before as_of, aggregated as in `fitted_history`."""
    return _history(ask, as_of, "intermediate.int_customer_purchases", exact_customers)


def _history(ask: Ask, until: date, relation: str, exact_customers: float) -> History:
    is_exact = _value(ask, f"select count(*) as value from {relation}") < exact_customers
    cells = _columns(ask, (CELLS if is_exact else WEEKS).format(relation=relation))
    spend = _columns(ask, (SPEND if is_exact else SPEND_BANDS).format(relation=relation))
    return History(
        until,
        Cells(cells["frequency"], cells["recency"], cells["age"], cells["weight"]),
        SpendCells(spend["spend_frequency"], spend["monetary_value"], spend["weight"]),
    )


def backtest_split(ask: Ask) -> Split | None:
    """The customers of the backtest, with their histories before the split and their purchases in the holdout;
    None when there are none."""
    found = _columns(
        ask,
        "select frequency, recency, age, spend_frequency, spend_amount, holdout_purchases,"
        " greatest(holdout_amount, 0) as holdout_amount, holdout_days"
        " from intermediate.int_value_backtest order by customer_id",
    )
    if not len(found["frequency"]):
        return None
    return Split(
        Cells(found["frequency"], found["recency"], found["age"]),
        horizon=float(found["holdout_days"][0]),
        purchases=found["holdout_purchases"],
        spend_frequency=found["spend_frequency"],
        monetary_value=found["spend_amount"] / np.maximum(found["spend_frequency"], 1),
        spent=found["holdout_amount"],
    )


def purchases_by_week(ask: Ask) -> Floats:
    """Cumulative purchase days of the backtest's customers in the holdout, one number per whole week since the
    split."""
    until = _value(ask, "select max(fitted_until) as value from intermediate.int_value_fit")
    days = int(
        _value(ask, "select max(holdout_days) as value from intermediate.int_value_backtest")
    )
    split = until - timedelta(days=days)
    bought = ask(
        "select purchase_date, count(*) as purchases from intermediate.int_customer_purchase_days"
        " where customer_id in (select customer_id from intermediate.int_value_backtest)"
        f" and purchase_date >= date '{split}' and purchase_date < date '{until}'"
        " group by purchase_date"
    ).to_pydict()
    weeks = np.zeros(days // 7 + 1)
    for day, purchases in zip(bought["purchase_date"], bought["purchases"], strict=True):
        weeks[(day - split).days // 7] += purchases
    total: Floats = np.cumsum(weeks[: days // 7])
    return total


def purchases_since(ask: Ask, until: date) -> float:
    """The number of purchase days from a day on, of customers who had bought before it."""
    return float(
        _value(
            ask,
            "select count(*) as value from intermediate.int_customer_purchase_days"
            f" where purchase_date >= date '{until}' and first_purchase_date < date '{until}'",
        )
    )


def scored_cells(ask: Ask) -> dict[str, Floats]:
    """The cells to score: their keys, and their mean recency and age in days."""
    return _columns(
        ask,
        "select frequency, cell_recency, cell_age, spend_frequency, recency, age, customer_count"
        " from intermediate.int_value_cells"
        " order by frequency, cell_recency, cell_age, spend_frequency",
    )


def _value(ask: Ask, query: str) -> Any:
    """The one value of a query's column `value`."""
    return ask(query)["value"][0].as_py()


def _columns(ask: Ask, query: str) -> dict[str, Floats]:
    """A query's columns as doubles, without a dependency on pandas."""
    table = ask(query)
    return {
        name: table[name].cast("float64").to_numpy(zero_copy_only=False).astype(np.float64)
        for name in table.column_names
    }
