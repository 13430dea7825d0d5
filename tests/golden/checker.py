"""The comparison of a private warehouse with the hand-worked customers: finds each customer by their
identifiers and describes every difference. Does not belong here: building the warehouse, and the rules
of the lifecycles."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

import duckdb

from .expectations import (
    LANDING,
    STAGES,
    SYSTEM,
    Customer,
    Expected,
    Identifier,
    Interval,
    load_expected,
)

__all__ = ["LANDING", "SYSTEM", "compare", "load_expected"]

CURRENCY = "EUR"
AMOUNT_COLUMNS = {
    "gross": "lifetime_gross_revenue",
    "refund": "lifetime_refund_amount",
    "net": "lifetime_net_revenue",
}


def compare(connection: duckdb.DuckDBPyConnection, expected: Expected | None = None) -> list[str]:
    """Every difference between the warehouse and the expectations (by default those of
    `expected.yaml`), one sentence each; empty when all is exact. The connection is only read.
    Raises duckdb.Error when a table or column is missing."""
    expected = expected or load_expected()
    differences: list[str] = []
    owners: dict[str, str] = {}
    for customer in expected.customers:
        found = _find(connection, customer.found_by)
        customer_id = next(iter(found))
        if len(found) > 1 or customer_id is None:
            ways = "nobody" if found == {None} else f"{len(found)} different customers (or nobody)"
            differences.append(f"{customer.key}: the identifiers lead to {ways}, not to one")
            continue
        if customer_id in owners:
            differences.append(f"{customer.key}: is the same customer as {owners[customer_id]}")
        owners.setdefault(customer_id, customer.key)
        differences += _intervals(connection, customer, customer_id)
        differences += _dimension(connection, customer, customer_id)
        differences += _orders(connection, customer, customer_id)
    for key, identifiers in expected.absent.items():
        if _find(connection, identifiers) & _present(connection):
            differences.append(f"{key}: is a customer and should not be")
    differences += _unidentified(connection, expected.unidentified_orders)
    extra = len(_present(connection) - set(owners))
    if extra:
        differences.append(f"customers without a story: {extra}")
    return differences


def _find(
    connection: duckdb.DuckDBPyConnection, identifiers: tuple[Identifier, ...]
) -> set[str | None]:
    """The customers the identifiers lead to; an identifier that leads nowhere gives None."""
    found: set[str | None] = set()
    for identifier in identifiers:
        rows = connection.execute(
            """
            select distinct customer_id
            from intermediate.int_customer_identifiers
            where
                identifier_type = $kind
                and identifier = $value
                and (source_system = $system or identifier_type <> 'contact_id')
            """,
            {"kind": identifier.kind, "value": identifier.value, "system": SYSTEM},
        ).fetchall()
        found.update([row[0] for row in rows] or [None])
    return found


def _present(connection: duckdb.DuckDBPyConnection) -> set[str | None]:
    """Every customer who has a stage or a row of their own."""
    rows = connection.execute(
        """
        select replace(cast(customer_id as varchar), '-', '')
        from (
            select customer_id from core.dim_customers
            union
            select customer_id from lifecycle.fct_customer_stage_intervals
        )
        """
    ).fetchall()
    return {row[0] for row in rows}


def _intervals(
    connection: duckdb.DuckDBPyConnection, customer: Customer, customer_id: str
) -> Iterator[str]:
    for lifecycle, expected in customer.intervals.items():
        rows = connection.execute(
            """
            select stage, cast(valid_from as timestamp), cast(valid_to as timestamp), is_current
            from lifecycle.fct_customer_stage_intervals
            where customer_id = $id and lifecycle = $lifecycle
            order by valid_from, valid_to nulls last, stage
            """,
            {"id": customer_id, "lifecycle": lifecycle},
        ).fetchall()
        actual = tuple(Interval(*row[:3]) for row in rows)
        where = f"{customer.key}, {lifecycle}"
        yield from _aligned_differences(where, expected, actual)
        for interval, row in zip(actual, rows, strict=True):
            if row[3] is not (interval.valid_to is None):
                yield f"{where}: is_current of {interval} is {row[3]}"


def _aligned_differences(
    where: str, expected: tuple[Interval, ...], actual: tuple[Interval, ...]
) -> Iterator[str]:
    """Aligns the two by their stages, so that one missing interval is not reported as many wrong ones."""
    matcher = SequenceMatcher(
        None, [one.stage for one in expected], [one.stage for one in actual], autojunk=False
    )
    for tag, start, end, actual_start, actual_end in matcher.get_opcodes():
        wanted, got = expected[start:end], actual[actual_start:actual_end]
        if tag == "equal":
            pairs = zip(wanted, got, strict=True)
            yield from (f"{where}: {b}, expected {a}" for a, b in pairs if a != b)
        else:
            yield from (f"{where}: missing {interval}" for interval in wanted)
            yield from (f"{where}: not expected: {interval}" for interval in got)


def _dimension(
    connection: duckdb.DuckDBPyConnection, customer: Customer, customer_id: str
) -> Iterator[str]:
    """`dim_customers` must agree with the story: stages now, count of orders, amounts."""
    columns: dict[str, Any] = {
        "counted_order_count": len(customer.counted_orders),
        "cast(first_seen_at as timestamp)": customer.intervals["journey"][0].valid_from,
    }
    for lifecycle in STAGES:
        now = customer.intervals[lifecycle][-1]
        columns[f"{lifecycle}_stage"] = now.stage
        columns[f"cast({lifecycle}_stage_since as timestamp)"] = now.valid_from
    for name in AMOUNT_COLUMNS.keys() & customer.money.keys():
        columns[AMOUNT_COLUMNS[name]] = customer.money[name]
        columns["currency_code"] = CURRENCY
    rows = connection.execute(
        f"select {', '.join(columns)} from core.dim_customers where customer_id = $id",
        {"id": customer_id},
    ).fetchall()
    if len(rows) != 1:
        yield f"{customer.key}: {len(rows)} rows in dim_customers, expected 1"
        return
    for (column, wanted), value in zip(columns.items(), rows[0], strict=True):
        if value != wanted:
            yield f"{customer.key}: {column} is {value}, expected {wanted}"


def _orders(
    connection: duckdb.DuckDBPyConnection, customer: Customer, customer_id: str
) -> Iterator[str]:
    """Which orders count, in which order, and their discount, which `dim_customers` lacks. An order that
    is not known yet may be missing, so only counted orders are compared."""
    rows = connection.execute(
        """
        select order_id, customer_order_number, discount_amount
        from core.fct_orders
        where customer_id = $id and source_system = $system and is_counted
        order by customer_order_number, order_id
        """,
        {"id": customer_id, "system": SYSTEM},
    ).fetchall()
    numbered = [(row[0], row[1]) for row in rows]
    wanted = [(order, number) for number, order in enumerate(customer.counted_orders, start=1)]
    if numbered != wanted:
        yield f"{customer.key}: counted orders are {numbered}, expected {wanted}"
    discount = sum(row[2] for row in rows)
    if discount != customer.money.get("discount", discount):
        expected = customer.money["discount"]
        yield f"{customer.key}: discount of counted orders is {discount}, expected {expected}"


def _unidentified(
    connection: duckdb.DuckDBPyConnection, expected: dict[str, bool]
) -> Iterator[str]:
    rows = connection.execute(
        """
        select order_id, customer_id, is_counted
        from core.fct_orders
        where source_system = $system
        """,
        {"system": SYSTEM},
    ).fetchall()
    unidentified = {row[0]: row[2] for row in rows if row[1] is None}
    known = {order: is_counted for order, is_counted in unidentified.items() if order in expected}
    if known != expected:
        yield f"orders without a customer: {known}, expected {expected} (order id, is_counted)"
    for order in sorted(unidentified.keys() - expected.keys()):
        yield f"order {order} has no customer and should have one"
