"""A program: from a table of customers to scores with this package, as a build does it: cells by SQL, fit,
scores of cells (with their intervals, which the peers do not give), join by SQL. Belongs here: the calls. Does
not belong here: measuring them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import duckdb

from dagster_project.lifetime_value.btyd import MBG_NBD, Cells, SpendCells, fit, fit_spend, score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# From so many customers on, cells are of a week and hold its means; below, they are of a day.
MANY = 1_000_000
CELLS = """
    select
        frequency,
        sum(recency) / count(*) as recency,
        sum(age) / count(*) as age,
        count(*) as weight,
        recency // {days} as cell_recency,
        age // {days} as cell_age
    from customers
    group by frequency, recency // {days}, age // {days}
"""
SPEND = """
    select frequency, sum(monetary_value) / count(*), count(*) as weight
    from customers
    where monetary_value > 0
    group by frequency, round(100 * ln(monetary_value))
"""
JOINED = """
    copy (
        select
            customer,
            probability_alive,
            expected_orders,
            revenue_constant + revenue_slope * monetary_value as revenue
        from customers
        join scores
            on customers.frequency = scores.frequency
            and customers.recency // {days} = scores.cell_recency
            and customers.age // {days} = scores.cell_age
    ) to '{file}'
"""


def main(source: str, target: str, horizon: float) -> None:
    """Reads, fits, scores, writes."""
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    connection.execute(f"create view customers as from '{source}'")
    row = connection.execute("select count(*) from customers").fetchone()
    days = 7 if row is not None and row[0] >= MANY else 1
    *columns, cell_recency, cell_age = _columns(connection, CELLS.format(days=days))
    cells = Cells(*columns)
    spend = fit_spend(SpendCells(*_columns(connection, SPEND)))
    scores = score(fit(MBG_NBD, cells), cells, spend, horizon=horizon)
    keys = {"frequency": columns[0], "cell_recency": cell_recency, "cell_age": cell_age}
    connection.register("scores", {**keys, **scores})
    connection.execute(JOINED.format(file=target, days=days))


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> list[NDArray[np.generic]]:
    return list(connection.execute(query).fetchnumpy().values())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
