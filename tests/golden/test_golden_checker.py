"""The checker itself, on tiny hand-made tables: it reports nothing where all is right, and names what is
wrong. Does not belong here: the end-to-end build of the hand-worked delivery."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from .checker import compare
from .expectations import FOLDER, LANDING, SYSTEM, Expected, load_expected

STORY = """
as_of: 2025-07-01
customers:
  buyer:
    story: Bought twice.
    found_by: [{contact_id: A}, {email: a@example.com}]
    counted_orders: [O2, O1]
    money: {gross: "30.00", discount: "2.00", refund: "3.00", net: "25.00"}
    relationship:
      - {stage: prospect, valid_from: 2025-01-01 08:00:00, valid_to: 2025-01-02 09:30:00,
         because: x}
      - {stage: repeat_purchase, valid_from: 2025-01-02 09:30:00, valid_to: null, because: x}
    journey:
      - {stage: discovery, valid_from: 2025-01-01 08:00:00, valid_to: null, because: x}
absent:
  nobody:
    found_by: [{email: nobody@example.com}]
    because: x
unidentified_orders:
  - {order_id: O9, is_counted: true, because: x}
"""
TABLES = """
create schema intermediate; create schema lifecycle; create schema core;
create table intermediate.int_customer_identifiers as
select * from (values
    ('generic', 'contact_id', 'A', 'c1'),
    ('other', 'contact_id', 'A', 'c7'),
    ('other', 'email', 'a@example.com', 'c1')
) as identifiers (source_system, identifier_type, identifier, customer_id);
create table lifecycle.fct_customer_stage_intervals as
select * from (values
    ('c1', 'relationship', 'prospect', timestamp '2025-01-01 08:00:00',
        timestamp '2025-01-02 09:30:00', false),
    ('c1', 'relationship', 'repeat_purchase', timestamp '2025-01-02 09:30:00', null, true),
    ('c1', 'journey', 'discovery', timestamp '2025-01-01 08:00:00', null, true)
) as intervals (customer_id, lifecycle, stage, valid_from, valid_to, is_current);
create table core.dim_customers as
select
    'c1' as customer_id,
    timestamp '2025-01-01 08:00:00' as first_seen_at,
    'repeat_purchase' as relationship_stage,
    timestamp '2025-01-02 09:30:00' as relationship_stage_since,
    'discovery' as journey_stage,
    timestamp '2025-01-01 08:00:00' as journey_stage_since,
    2 as counted_order_count,
    30.00::decimal(18, 2) as lifetime_gross_revenue,
    3.00::decimal(18, 2) as lifetime_refund_amount,
    25.00::decimal(18, 2) as lifetime_net_revenue,
    'EUR' as currency_code;
create table core.fct_orders as
select * from (values
    ('O1', 'generic', 'c1', true, 2, 1.50::decimal(18, 2)),
    ('O2', 'generic', 'c1', true, 1, 0.50::decimal(18, 2)),
    ('O3', 'generic', 'c1', false, null, 9.00::decimal(18, 2)),
    ('O9', 'generic', null, true, null, 0.00::decimal(18, 2))
) as orders
    (order_id, source_system, customer_id, is_counted, customer_order_number, discount_amount);
"""
INTERVALS = "lifecycle.fct_customer_stage_intervals"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse in memory in which the one customer is right."""
    with duckdb.connect() as memory:
        memory.execute(TABLES)
        yield memory


@pytest.fixture
def expected(tmp_path: Path) -> Expected:
    """The story of the one customer."""
    path = tmp_path / "expected.yaml"
    path.write_text(STORY, encoding="utf-8")
    return load_expected(path)


def test_silent_when_all_is_exact(
    connection: duckdb.DuckDBPyConnection, expected: Expected
) -> None:
    assert compare(connection, expected) == []


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            f"update {INTERVALS} set valid_from = valid_from + interval 1 second "
            "where lifecycle = 'journey'",
            "buyer, journey: discovery from 2025-01-01 08:00:01 to open, "
            "expected discovery from 2025-01-01 08:00:00 to open",
        ),
        (
            f"update {INTERVALS} set valid_to = timestamp '2025-01-02 09:30:00.001' "
            "where stage = 'prospect'",
            "buyer, relationship: prospect from 2025-01-01 08:00:00 to 2025-01-02 09:30:00.001000, "
            "expected prospect from 2025-01-01 08:00:00 to 2025-01-02 09:30:00",
        ),
        (
            f"delete from {INTERVALS} where stage = 'prospect'",
            "buyer, relationship: missing prospect from 2025-01-01 08:00:00 to 2025-01-02 09:30:00",
        ),
        (
            f"insert into {INTERVALS} values ('c1', 'relationship', 'lost', "
            "timestamp '2025-06-01 00:00:00', null, true)",
            "buyer, relationship: not expected: lost from 2025-06-01 00:00:00 to open",
        ),
        (
            f"insert into {INTERVALS} select * from {INTERVALS} where lifecycle = 'journey'",
            "buyer, journey: not expected: discovery from 2025-01-01 08:00:00 to open",
        ),
        (
            f"update {INTERVALS} set is_current = true where stage = 'prospect'",
            "buyer, relationship: is_current of prospect from 2025-01-01 08:00:00 "
            "to 2025-01-02 09:30:00 is True",
        ),
        (
            "update core.dim_customers set counted_order_count = 3",
            "buyer: counted_order_count is 3, expected 2",
        ),
        (
            "update core.dim_customers set lifetime_net_revenue = 24.99",
            "buyer: lifetime_net_revenue is 24.99, expected 25.00",
        ),
        ("delete from core.dim_customers", "buyer: 0 rows in dim_customers, expected 1"),
        (
            "update core.fct_orders set discount_amount = 0 where order_id = 'O1'",
            "buyer: discount of counted orders is 0.50, expected 2.00",
        ),
        (
            "update core.fct_orders set is_counted = false where order_id = 'O1'",
            "buyer: counted orders are [('O2', 1)], expected [('O2', 1), ('O1', 2)]",
        ),
        (
            "update core.fct_orders set customer_order_number = 3 - customer_order_number",
            "buyer: counted orders are [('O1', 1), ('O2', 2)], expected [('O2', 1), ('O1', 2)]",
        ),
        (
            "update core.fct_orders set customer_id = 'c1', is_counted = false "
            "where order_id = 'O9'",
            "orders without a customer: {}, expected {'O9': True} (order id, is_counted)",
        ),
        (
            "update core.fct_orders set customer_id = null where order_id = 'O3'",
            "order O3 has no customer and should have one",
        ),
        (
            "update intermediate.int_customer_identifiers set customer_id = 'c2' "
            "where identifier_type = 'email'",
            "buyer: the identifiers lead to 2 different customers (or nobody), not to one",
        ),
        (
            "delete from intermediate.int_customer_identifiers",
            "buyer: the identifiers lead to nobody, not to one",
        ),
        (
            f"insert into {INTERVALS} values ('c2', 'journey', 'discovery', "
            "timestamp '2025-06-01 00:00:00', null, true); "
            "insert into intermediate.int_customer_identifiers values "
            "('generic', 'email', 'nobody@example.com', 'c2')",
            "nobody: is a customer and should not be",
        ),
        (
            f"insert into {INTERVALS} values ('c3', 'journey', 'discovery', "
            "timestamp '2025-06-01 00:00:00', null, true)",
            "customers without a story: 1",
        ),
    ],
)
def test_names_what_is_wrong(
    connection: duckdb.DuckDBPyConnection, expected: Expected, damage: str, message: str
) -> None:
    connection.execute(damage)
    assert message in compare(connection, expected)


def test_reports_two_keys_for_one_customer(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    story = STORY.splitlines()
    start, end = story.index("  buyer:"), story.index("absent:")
    twin = ["  twin:", *story[start + 1 : end]]
    path = tmp_path / "expected.yaml"
    path.write_text("\n".join([*story[:end], *twin, *story[end:]]), encoding="utf-8")
    assert "twin: is the same customer as buyer" in compare(connection, load_expected(path))


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("valid_from: 2025-01-02 09:30:00", "valid_from: 2025-01-02 09:30:01", "a gap before"),
        ("stage: repeat_purchase", "stage: prospect", "twice in a row"),
        ("stage: repeat_purchase", "stage: regular", "no stage regular"),
        ("because: x}", 'because: " "}', "without its reasoning"),
        ("valid_to: null", "valid_to: 2025-02-01 00:00:00", "not open"),
        ('net: "25.00"', 'net: "26.00"', "net is not"),
        ("story: Bought twice.", 'story: ""', "no story"),
    ],
)
def test_refuses_a_story_that_contradicts_itself(
    tmp_path: Path, right: str, wrong: str, message: str
) -> None:
    path = tmp_path / "expected.yaml"
    path.write_text(STORY.replace(right, wrong), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_expected(path)


def test_the_stories_account_for_every_order_of_the_delivery() -> None:
    expected = load_expected()
    in_stories = [
        order
        for customer in expected.customers
        for order in (*customer.counted_orders, *customer.uncounted_orders)
    ] + list(expected.unidentified_orders)
    with (LANDING / SYSTEM / "orders.csv").open(newline="", encoding="utf-8") as file:
        delivered = {row["order_id"] for row in csv.DictReader(file)}
    assert len(in_stories) == len(set(in_stories))
    assert set(in_stories) == delivered


def test_there_are_enough_stories_and_the_readme_states_the_clock() -> None:
    expected = load_expected()
    assert expected.as_of == date(2025, 7, 1)
    assert len(expected.customers) >= 12
    assert f"`{expected.as_of}`" in (FOLDER / "README.md").read_text(encoding="utf-8")
