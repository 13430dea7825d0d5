"""Purchase histories as arrays. Belongs here: reading what dbt counted and aggregating equal histories, in SQL
that every engine of the models supports. Does not belong here: counting, or which engine it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from dagster_project.forecasting.asking import Ask
from dagster_project.lifetime_value.btyd import Cells, Purchases, SpendCells
from dagster_project.lifetime_value.btyd.cells import Floats

if TYPE_CHECKING:
    pass

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


class Thresholds(TypedDict):
    """The thresholds that a forecast uses; `forecast` in `fit.py` documents their meaning."""

    horizon_days: float
    discount_rate: float
    exact_customers: float
    holdout_days: float
    backtest_customers: float


def thresholds(ask: Ask) -> Thresholds:
    """The thresholds of the current build."""
    [found] = ask(
        "select value_horizon_days, value_discount_rate, value_exact_customers, value_holdout_days,"
        " value_backtest_customers"
        " from intermediate.int_thresholds"
    ).to_pylist()
    return {
        "horizon_days": float(found["value_horizon_days"]),
        "discount_rate": float(found["value_discount_rate"]),
        "exact_customers": float(found["value_exact_customers"]),
        "holdout_days": float(found["value_holdout_days"]),
        "backtest_customers": float(found["value_backtest_customers"]),
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


def backtest_purchases(ask: Ask, until: date, most_customers: float) -> Purchases:
    """Purchase days before a day, of at most so many customers. Customer ids are pseudonyms, so the first ones
    are as good as a random sample."""
    days = "intermediate.int_customer_purchase_days"
    chosen = (
        f"select customer_id, row_number() over (order by customer_id) as lot from {days}"
        f" where first_purchase_date < date '{until}' group by customer_id"
    )
    found = ask(
        "select chosen.lot, days.purchase_date, cast(days.day_amount as double) as day_amount"
        f" from {days} as days inner join ({chosen}) as chosen"
        " on days.customer_id = chosen.customer_id"
        f" where chosen.lot <= {int(most_customers)} and days.purchase_date < date '{until}'"
    ).to_pydict()
    day = np.array([each.toordinal() for each in found["purchase_date"]], dtype=np.intp)
    return Purchases(
        np.array(found["lot"], dtype=np.intp),
        day,
        np.array(found["day_amount"], dtype=np.float64),
        until.toordinal(),
    )


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
