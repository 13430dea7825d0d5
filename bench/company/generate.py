"""Deliveries of a company of any size, as files in the generic format. Belongs here: which tables become which
files. Does not belong here: what the company is like (`company.sql`, `increment.sql`).

Usage: python -m bench.company.generate FOLDER CUSTOMERS [--increment SHARE --number N]"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
OPENED, CLOSED = date(2022, 11, 1), date(2026, 11, 1)
MODEL_FILE = "company.duckdb"
# What is written; orders and interactions are one file a year, as exports of a history are.
INTERACTIONS = """select 'I' || lpad(rowid::varchar, 10, '0') as interaction_id, * exclude (person)
from interactions"""
LINES = "select * exclude (order_number) from order_lines order by order_number, line_number"
# Every thousandth order is exported twice; every fiftieth also as it was before its delivery.
REPEATED = "from delivered_orders where order_id::bigint % 1000 = 7"
EARLIER = """select * replace ('placed' as status, null as delivered_at, ordered_at as updated_at)
from delivered_orders where order_id::bigint % 50 = 3"""
INCREMENT = ("contacts", "orders", "order_lines", "payments", "refunds", "reviews", "interactions")


def generate_history(folder: Path, landing: Path, customers: int, memory: str = "4GB") -> None:
    """Writes four years of a company with so many customers into `landing`/generic, and keeps its tables in
    `folder` for the increments. About 5 orders, 12 order lines, 20 interactions and one review a customer."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).unlink(missing_ok=True)
    with _open(folder, customers, memory) as connection:
        connection.execute((HERE / "company.sql").read_text())
        out = landing / "generic"
        for entity in ("contacts", "payments", "refunds", "reviews", "products", "currency_rates"):
            _write(connection, f"from {entity}", out / entity / "history.parquet")
        years = range(OPENED.year, CLOSED.year + 1)
        for year in years:
            span = f"between '{year}-01-01' and '{year}-12-31 23:59:59.999999'"
            name = f"{year}.parquet"
            orders = f"from delivered_orders where ordered_at {span} order by order_id"
            _write(connection, orders, out / "orders" / name)
            visits = f"{INTERACTIONS} where occurred_at {span} order by rowid"
            _write(connection, visits, out / "interactions" / name)
        _write(connection, LINES, out / "order_lines" / "history.parquet")
        _write(connection, REPEATED, out / "orders" / "again.parquet")
        _write(connection, EARLIER, out / "orders" / "earlier.parquet")


def generate_increment(
    folder: Path, landing: Path, customers: int, share: float, number: int
) -> date:
    """Adds one day's delivery to `landing`/generic: new, late and corrected records of a `share` (0 to 1)
    of the customers of generate_history. Increment 1 is the day after the history; each affects other
    customers. Returns the day's end (exclusive)."""
    day = CLOSED + timedelta(days=number - 1)
    with _open(folder, customers, "4GB", day) as connection:
        connection.execute(f"set variable share = {share}; set variable increment = '{number}'")
        connection.execute((HERE / "increment.sql").read_text())
        for entity in INCREMENT:
            path = landing / "generic" / entity / f"increment-{number}.parquet"
            _write(connection, f"from increment_{entity}", path)
    return day + timedelta(days=1)


def remove_increments(landing: Path) -> None:
    """Leaves the history alone."""
    for file in landing.glob("generic/*/increment-*.parquet"):
        file.unlink()


def _open(
    folder: Path, customers: int, memory: str, closed: date = CLOSED
) -> duckdb.DuckDBPyConnection:
    settings = {"memory_limit": memory, "temp_directory": str(folder / "spill")}
    connection = duckdb.connect(str(folder / MODEL_FILE), config=settings)
    connection.execute(
        f"set TimeZone = 'UTC'; set variable customers = {customers};"
        f"set variable opened_at = timestamp '{OPENED}'; set variable closed_at = timestamp '{closed}'"
    )
    return connection


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    copy = f"copy ({query}) to '{path}' (format parquet, compression zstd)"
    ((rows,),) = connection.execute(copy).fetchall()
    if not rows:  # as a shop delivers no empty file
        path.unlink()


def main(arguments: Sequence[str] | None = None) -> None:
    """The history, or with --increment one day on top of it."""
    parser = argparse.ArgumentParser(description="Make the benchmark's company.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("customers", type=int)
    parser.add_argument("--increment", type=float, help="share of customers, such as 0.01")
    parser.add_argument("--number", type=int, default=1, help="which increment, from 1")
    chosen = parser.parse_args(arguments)
    landing = chosen.folder / "landing"
    if chosen.increment is None:
        generate_history(chosen.folder, landing, chosen.customers)
    else:
        generate_increment(
            chosen.folder, landing, chosen.customers, chosen.increment, chosen.number
        )


if __name__ == "__main__":
    main()
