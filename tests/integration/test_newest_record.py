"""The newest record that counts: not one that was corrected, deleted or is later than its loading. The ledger's
maximum is only where the search begins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.ingestion import (
    Source,
    ensure_tables,
    ingest,
    load_format,
    newest_record_at,
)

FORMATS = {"generic": load_format("generic")}
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
Delivery = dict[str, list[dict[str, Any]]]


class Feed:
    """An empty warehouse and its landing folder."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
        self._connection, self._landing, self._number = connection, landing, 0
        ensure_tables(connection, FORMATS)

    def deliver(self, at: datetime = AT, **delivery: list[dict[str, Any]]) -> datetime | None:
        """Loads a delivery; the newest record that counts after it."""
        self._number += 1
        for entity, records in delivery.items():
            file = self._landing / entity / f"{self._number:02}.jsonl"
            file.parent.mkdir(exist_ok=True)
            file.write_text("".join(json.dumps(record) + "\n" for record in records))
        source = Source("generic", FORMATS["generic"], self._landing)
        ingest(self._connection, source, build_id=str(self._number), loaded_at=at)
        return newest_record_at(self._connection, FORMATS)


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[Feed]:
    with duckdb.connect() as connection:
        yield Feed(connection, tmp_path)


def order(order_id: str, ordered_at: str, **more: Any) -> dict[str, Any]:
    return {"order_id": order_id, "ordered_at": ordered_at, "items_amount": 1, **more}


def review(review_id: str, reviewed_at: str, **more: Any) -> dict[str, Any]:
    return {"review_id": review_id, "reviewed_at": reviewed_at, "rating": 5, **more}


OLD, NEW = order("o1", "2025-01-10T10:00:00Z"), order("o2", "2025-03-01T23:30:00-05:00")


def test_it_is_the_newest_of_all_entities_in_utc(feed: Feed) -> None:
    assert feed.deliver(orders=[OLD]) == datetime(2025, 1, 10, 10)
    assert feed.deliver(reviews=[review("r1", "2025-02-01")]) == datetime(2025, 2, 1)
    assert feed.deliver(orders=[NEW]) == datetime(2025, 3, 2, 4, 30)
    assert feed.deliver(products=[{"product_id": "p"}]) == datetime(2025, 3, 2, 4, 30)


def test_there_is_none_without_a_record_that_has_a_time(feed: Feed) -> None:
    assert feed.deliver(products=[{"product_id": "p"}]) is None


def test_one_that_was_corrected_no_longer_counts(feed: Feed) -> None:
    wrong = order("o2", "2025-12-30T10:00:00Z")
    assert feed.deliver(orders=[OLD, wrong]) == datetime(2025, 12, 30, 10)
    assert feed.deliver(orders=[NEW]) == datetime(2025, 3, 2, 4, 30)


def test_the_source_s_own_time_of_change_decides_before_the_order_of_loads(feed: Feed) -> None:
    right = {**NEW, "updated_at": "2025-12-31"}
    feed.deliver(orders=[right])
    late = order("o2", "2025-12-30T10:00:00Z", updated_at="2025-12-30")
    assert feed.deliver(orders=[OLD, late]) == datetime(2025, 3, 2, 4, 30)


@pytest.mark.parametrize("days_apart", ["2025-02-28", "2025-02-10", "2023-01-01"])
def test_one_that_was_deleted_does_not_count_however_far_the_next_is(
    feed: Feed, days_apart: str
) -> None:
    deleted = {**NEW, "deleted_at": "2025-03-02T08:00:00Z"}
    found = feed.deliver(orders=[order("o1", days_apart), deleted])
    assert found == datetime.fromisoformat(days_apart)


def test_one_that_is_later_than_its_loading_does_not_count(feed: Feed) -> None:
    """The door may let a time through that is a little later, as clocks differ."""
    soon = order("o3", "2026-01-02T03:05:00Z")
    assert feed.deliver(orders=[OLD, soon]) == datetime(2025, 1, 10, 10)
    assert feed.deliver(orders=[NEW]) == datetime(2025, 3, 2, 4, 30)


def test_a_wrong_time_in_one_entity_hides_no_newer_record_of_another(feed: Feed) -> None:
    feed.deliver(orders=[OLD, order("o2", "2025-12-30")], reviews=[review("r", "2025-12-20")])
    assert feed.deliver(orders=[NEW]) == datetime(2025, 12, 20)


def test_a_payment_that_became_unpaid_has_no_time(feed: Feed) -> None:
    paid = {"payment_id": "p", "order_id": "o1", "amount": 1, "paid_at": "2025-06-01"}
    assert feed.deliver(orders=[OLD], payments=[paid]) == datetime(2025, 6, 1)
    assert feed.deliver(payments=[{**paid, "paid_at": None}]) == datetime(2025, 1, 10, 10)


def test_what_was_quarantined_was_never_there(feed: Feed) -> None:
    bad = {**order("o2", "2025-12-30"), "items_amount": "much"}
    found = feed.deliver(orders=[OLD, *[order(f"x{n}", "2025-01-01") for n in range(20)], bad])
    assert found == datetime(2025, 1, 10, 10)
