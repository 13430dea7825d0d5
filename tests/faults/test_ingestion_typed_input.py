"""Typed files and repeated deliveries: numbers that are too long, flags as numbers, lists, damage, the same bad
file under another name."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.faults.test_ingestion_bad_input import (
    GOOD,
    HEADER,
    connection,
    load,
    quarantine,
    raw_count,
)

__all__ = ["connection"]  # the fixture


def test_a_number_too_long_for_the_models_is_quarantined(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """A bar code in the quantity's column would stop every build: models cast all versions of a record."""
    (tmp_path / "order_lines.csv").write_text(
        "order_id,line_number,quantity,unit_price\n1,1,4006381333931,49.90\n1,2,1,999999999.5\n"
    )
    load(connection, tmp_path)
    assert [row[3] for row in quarantine(connection)] == [
        "quantity: not a number of at most 12 digits before the point"
    ]
    assert raw_count(connection, "order_lines") == 1


def test_a_bad_file_is_as_bad_under_another_name(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "orders").mkdir()
    content = HEADER + GOOD + b"o2,2024-13-01,,paid,1\n"
    (tmp_path / "orders" / "a.csv").write_bytes(content)
    load(connection, tmp_path)
    (tmp_path / "orders" / "b.csv").write_bytes(content)
    _, copy = load(connection, tmp_path, "b2")
    assert (copy.physical_records, copy.accepted_records) == (2, 0)
    assert (copy.quarantined_records, copy.redelivered_records) == (1, 1)
    assert len(quarantine(connection)) == 2
    assert raw_count(connection) == 1


def test_a_record_in_place_of_a_header_is_not_quoted(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """A value may equal a column's name: this person works for Company."""
    (tmp_path / "contacts.csv").write_text("c1,2025-01-01,ada@example.com,Lovelace,Company\n" * 2)
    (rejected,) = load(connection, tmp_path)
    assert rejected.status == "rejected"
    assert "no header line" in (rejected.reason or "")
    assert "ada" not in f"{rejected.reason} {rejected.columns_seen}"


def test_flags_may_be_numbers_with_gaps(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """As pandas writes a column of 0 and 1 in which one is missing."""
    reviews = {
        "review_id": ["a", "b", "c", "d"],
        "reviewed_at": ["2024-01-01"] * 4,
        "rating": [5] * 4,
        "is_public": [1.0, 0.0, None, 2.0],
    }
    parquet.write_table(pa.table(reviews), tmp_path / "reviews.parquet")
    (found,) = load(connection, tmp_path)
    assert (found.accepted_records, found.quarantined_records) == (3, 1)
    assert [row[3] for row in quarantine(connection)] == [
        "is_public: not a boolean (true or false)"
    ]


def test_a_list_is_kept_and_known_again(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "products").mkdir()
    products = pa.table({"product_id": ["p1", "p2"], "tags": [["a", "b"], None]})
    parquet.write_table(products, tmp_path / "products" / "a.parquet")
    (found,) = load(connection, tmp_path)
    assert (found.status, found.accepted_records) == ("loaded", 2)
    parquet.write_table(products.slice(0, 1), tmp_path / "products" / "b.parquet")
    *_, again = load(connection, tmp_path, "b2")
    assert (again.accepted_records, again.redelivered_records) == (0, 1)


@pytest.mark.parametrize("seed", range(40))
def test_damage_anywhere_in_a_parquet_file_rejects_that_file_alone(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    names = [f"o{number % 7}" for number in range(300)]
    orders = {"order_id": names, "ordered_at": ["2024-01-01"] * 300, "email": names}
    file = tmp_path / "orders.parquet"
    parquet.write_table(pa.table(orders), file, compression=["none", "snappy"][seed % 2])
    content = bytearray(file.read_bytes())
    for _ in range(8):
        content[dice.randrange(4, len(content))] = dice.randrange(256)
    file.write_bytes(content)
    (tmp_path / "reviews.jsonl").write_text('{"review_id": "r", "reviewed_at": "2024-01-01"}\n')
    damaged, other = load(connection, tmp_path)
    assert other.physical_records == 1
    if damaged.status == "rejected":
        assert "corrupt" in (damaged.reason or "") or "column" in (damaged.reason or "")
        assert raw_count(connection) == 0
