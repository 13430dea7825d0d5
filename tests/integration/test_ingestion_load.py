"""Loading deliveries into raw: every kind of file, the ledger's numbers counted by the test itself, and
exactly-once loading of repeated, split, shuffled and overlapping deliveries."""

import csv
import gzip
import json
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from dagster_project.ingestion import (
    FileProgress,
    Load,
    Source,
    ensure_tables,
    ingest,
    load_format,
    newest_record_at,
)

GENERIC = load_format("generic")
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HEADER = ["order_id", "ordered_at", "contact_id", "items_amount", "channel"]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    (tmp_path / "landing").mkdir()
    return tmp_path / "landing"


def load(
    connection: duckdb.DuckDBPyConnection, landing: Path, build_id: str = "b1", **options: Any
) -> list[Load]:
    source = Source("generic", GENERIC, landing, **options)
    return ingest(connection, source, build_id=build_id, loaded_at=AT)


def orders(first: int, last: int) -> list[list[str]]:
    return [
        [f"o{n:03}", f"2024-01-{n % 28 + 1:02}T10:00:00Z", f"c{n % 7}", f"{n}.50", 'the "web", cz']
        for n in range(first, last)
    ]


def write_csv(path: Path, rows: list[list[str]], header: list[str] = HEADER, **how: Any) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, **how).writerows([header, *rows])
    return path


def raw(connection: duckdb.DuckDBPyConnection, columns: list[str] = HEADER) -> list[list[Any]]:
    names = ", ".join(columns)
    rows = connection.execute(f"select {names} from raw_generic.orders order by all").fetchall()
    return [list(row) for row in rows]


def hashes(connection: duckdb.DuckDBPyConnection) -> list[int]:
    rows = connection.execute("select _record_hash from raw_generic.orders order by 1").fetchall()
    return [row[0] for row in rows]


def counts(load: Load) -> tuple[str, int, int, int, int]:
    return (
        load.status,
        load.physical_records,
        load.accepted_records,
        load.quarantined_records,
        load.redelivered_records,
    )


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("orders.csv", {}),
        ("orders.CSV", {"delimiter": ";", "lineterminator": "\n"}),
        ("orders.tsv", {"delimiter": "\t"}),
        ("orders/2024.csv", {"delimiter": "|", "quoting": csv.QUOTE_ALL}),
        ("orders/deep/er/part [1]*'s.csv", {}),
    ],
)
def test_delimited_text(
    connection: duckdb.DuckDBPyConnection, landing: Path, name: str, how: dict[str, Any]
) -> None:
    rows = orders(0, 50)
    rows[3][4] = "two\r\nlines,\n\n and žluťoučký"
    write_csv(landing / name, rows, **how)
    (found,) = load(connection, landing)
    assert counts(found) == ("loaded", 50, 50, 0, 0)
    assert found.location == name
    assert raw(connection) == sorted(rows)
    assert found.newest_record_at == datetime(2024, 1, 28, 10)
    assert newest_record_at(connection, {"generic": GENERIC}) == datetime(2024, 1, 28, 10)
    assert newest_record_at(connection, {"other": GENERIC}) is None


def test_the_ledger_and_the_metadata_columns(
    connection: duckdb.DuckDBPyConnection, landing: Path
) -> None:
    path = write_csv(landing / "orders.csv", orders(0, 3))
    (found,) = load(connection, landing)
    row = connection.execute("select * from ingest.loads").fetchone()
    described = connection.execute("describe ingest.loads").fetchall()
    ledger = dict(zip([name for name, *_ in described], row or (), strict=True))
    assert ledger["bytes"] == path.stat().st_size
    assert ledger["columns_seen"] == json.dumps(HEADER)
    assert ledger["loaded_at"] == AT.replace(tzinfo=None)
    assert (ledger["build_id"], ledger["last_seen_build_id"]) == ("b1", "b1")
    metadata = connection.execute(
        "select _load_id, _load_number, _source_file, _source_row, _loaded_at, email "
        "from raw_generic.orders order by order_id"
    ).fetchall()
    assert metadata == [
        (found.load_id, 1, "orders.csv", n, AT.replace(tzinfo=None), None) for n in (1, 2, 3)
    ]


@pytest.mark.parametrize("name", ["orders.jsonl", "orders.ndjson.gz", "orders.json"])
def test_json_lines(connection: duckdb.DuckDBPyConnection, landing: Path, name: str) -> None:
    lines = [
        '{"order_id": "o1", "ordered_at": "2024-01-01", "items_amount": 10.5, "extra": {"a": [1]}}',
        "",
        '{"order_id": 7, "ordered_at": "2024-01-02T00:00:00+02:00", "items_amount": null}\r',
        '{"order_id": "o3", "ordered_at": "2024-01-03", "channel": "a \\"b\\"\\n,č", "tab":\t 17}',
    ]
    content = "\n".join(lines).encode()
    (landing / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    (found,) = load(connection, landing)
    assert counts(found) == ("loaded", 3, 3, 0, 0)
    assert set(found.new_columns) == {"extra", "tab"}
    assert raw(connection, ["order_id", "items_amount", "channel", "extra", "tab"]) == [
        ["7", None, None, None, None],
        ["o1", "10.5", None, '{"a":[1]}', None],
        ["o3", None, 'a "b"\n,č', None, "17"],
    ]
    rows = connection.execute("select order_id, _source_row from raw_generic.orders").fetchall()
    assert sorted(rows) == [("7", 2), ("o1", 1), ("o3", 3)]


def test_parquet_keeps_its_types(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    table = pa.table(
        {
            "Order_ID": pa.array([1, 2, None], pa.int64()),
            "ordered_at": pa.array([datetime(2024, 1, n) for n in (1, 2, 3)]),
            "items_amount": pa.array([Decimal("1.10"), None, None], pa.decimal128(9, 2)),
        }
    )
    parquet.write_table(table, landing / "orders.parquet")
    (found,) = load(connection, landing)
    assert counts(found) == ("loaded", 3, 2, 1, 0)
    assert raw(connection, ["order_id", "ordered_at", "items_amount"]) == [
        [1, datetime(2024, 1, 1), Decimal("1.10")],
        [2, datetime(2024, 1, 2), None],
    ]
    (row,) = connection.execute(
        "select line_number, record_number, raw_bytes, reason from ingest.quarantine"
    ).fetchall()
    assert row[:2] == (None, 3)
    assert json.loads(row[2])["ordered_at"] == "2024-01-03 00:00:00"
    assert row[3] == "order_id: required, but empty"


def test_zstandard(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    plain = write_csv(landing / ".orders.csv", orders(0, 9))
    with pa.output_stream(str(landing / "orders.csv.zst"), compression="zstd") as file:
        file.write(plain.read_bytes())
    (found,) = load(connection, landing)
    assert counts(found) == ("loaded", 9, 9, 0, 0)


def test_a_delivery_seen_again_is_not_read_again(
    connection: duckdb.DuckDBPyConnection, landing: Path
) -> None:
    path = write_csv(landing / "orders.csv", orders(0, 5))
    os.utime(path, ns=(1, 1_700_000_000_000_000_001))
    load(connection, landing)
    # Other content of the same size and time is not noticed, which shows that the file was not read.
    path.write_bytes(path.read_bytes().replace(b"o001", b"o999"))
    os.utime(path, ns=(1, 1_700_000_000_000_000_001))
    (again,) = load(connection, landing, "b2")
    assert (again.is_new, again.build_id, again.last_seen_build_id) == (False, "b1", "b2")
    ledger = connection.execute("select build_id, last_seen_build_id from ingest.loads").fetchall()
    assert ledger == [("b1", "b2")]
    # With another time it is read, and only the changed record is new.
    os.utime(path, ns=(1, 1_700_000_000_000_000_002))
    (changed,) = load(connection, landing, "b3")
    assert counts(changed) == ("loaded", 5, 1, 0, 4)
    assert changed.load_number == 2


def test_a_file_with_a_new_time_is_known_by_its_content(
    connection: duckdb.DuckDBPyConnection, landing: Path
) -> None:
    path = write_csv(landing / "orders.csv", orders(0, 5))
    load(connection, landing)
    os.utime(path, ns=(1, 1_700_000_000_000_000_001))
    (again,) = load(connection, landing, "b2")
    assert not again.is_new
    row = connection.execute("select count(*), max(modified_ns) from ingest.loads").fetchone()
    assert row == (1, 1_700_000_000_000_000_001)


def test_the_same_file_elsewhere_is_redelivered(
    connection: duckdb.DuckDBPyConnection, landing: Path
) -> None:
    write_csv(landing / "orders/a.csv", orders(0, 5))
    write_csv(landing / "orders/b.csv", orders(0, 5))
    first, second = load(connection, landing)
    assert counts(first) == ("loaded", 5, 5, 0, 0)
    assert counts(second) == ("redelivered", 5, 0, 0, 5)
    assert second.reason == "the same content as orders/a.csv"
    assert len(raw(connection)) == 5
    assert [found.is_new for found in load(connection, landing, "b2")] == [False, False]


def deliver_whole(landing: Path) -> None:
    write_csv(landing / "orders.csv", orders(0, 60))


def deliver_split(landing: Path) -> None:
    write_csv(landing / "orders/a.csv", orders(0, 25))
    write_csv(landing / "orders/b.csv", orders(25, 60), delimiter=";", quoting=csv.QUOTE_ALL)


def deliver_shuffled(landing: Path) -> None:
    rows = orders(0, 60)
    random.Random(1).shuffle(rows)
    write_csv(landing / "orders.csv", rows)


def deliver_overlapping(landing: Path) -> None:
    write_csv(landing / "orders/a.csv", orders(0, 40))
    write_csv(landing / "orders/b.csv", [*orders(20, 60), *orders(30, 50)])


def deliver_other_columns(landing: Path) -> None:
    order = [4, 2, 0, 1, 3]
    rows = [[row[at] for at in order] + [" "] for row in orders(0, 60)]
    write_csv(landing / "orders.csv", rows, [HEADER[at].upper() for at in order] + ["empty"])


def deliver_mixed(landing: Path) -> None:
    write_csv(landing / "orders/a.csv", orders(0, 30))
    lines = [json.dumps(dict(zip(HEADER, row, strict=True))) for row in orders(10, 60)]
    (landing / "orders/b.jsonl").write_text("\n".join(lines))


@pytest.mark.parametrize(
    "deliver",
    [deliver_split, deliver_shuffled, deliver_overlapping, deliver_other_columns, deliver_mixed],
)
def test_any_cut_of_a_delivery_gives_the_same_records(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, deliver: Any
) -> None:
    for name, how in (("whole", deliver_whole), ("cut", deliver)):
        (tmp_path / name).mkdir()
        how(tmp_path / name)
    with duckdb.connect() as other:
        load(other, tmp_path / "whole")
        expected = hashes(other)
        assert len(set(expected)) == 60
        for found in load(other, tmp_path / "cut", "b2"):
            # Delivered after the whole, every record of it is redelivered.
            assert (found.accepted_records, found.quarantined_records) == (0, 0)
        assert hashes(other) == expected
    for found in load(connection, tmp_path / "cut"):
        assert found.physical_records == found.accepted_records + found.redelivered_records
    assert hashes(connection) == expected


def test_a_new_version_of_a_record_is_kept_beside_the_old(
    connection: duckdb.DuckDBPyConnection, landing: Path
) -> None:
    write_csv(landing / "orders/a.csv", orders(0, 2))
    changed = [[*orders(0, 1)[0][:3], "99", ""]]
    write_csv(landing / "orders/b.csv", changed)
    load(connection, landing)
    amounts = connection.execute(
        "select items_amount from raw_generic.orders where order_id = 'o000' order by _load_number"
    ).fetchall()
    assert amounts == [("0.50",), ("99",)]


def test_types_that_differ_become_text(
    connection: duckdb.DuckDBPyConnection, landing: Path
) -> None:
    def types() -> dict[str, str]:
        rows = connection.execute("describe raw_generic.products").fetchall()
        return {name: kind for name, kind, *_ in rows}

    ensure_tables(connection, {"generic": GENERIC})
    assert types()["unit_cost"] == "VARCHAR"
    products = landing / "products"
    products.mkdir()
    table = pa.table({"product_id": [1, 2], "unit_cost": [1.5, None], "weight": [3, 4]})
    parquet.write_table(table, products / "a.parquet")
    (found,) = load(connection, landing)
    assert found.new_columns == ("weight",)
    assert (types()["product_id"], types()["unit_cost"]) == ("BIGINT", "DOUBLE")
    # An empty column disagrees with nothing; a text among numbers does.
    write_csv(products / "b.csv", [["007", "", "5"]], ["product_id", "unit_cost", "weight"])
    load(connection, landing)
    assert (types()["product_id"], types()["unit_cost"]) == ("VARCHAR", "DOUBLE")
    parquet.write_table(pa.table({"product_id": [9], "weight": [6]}), products / "c.parquet")
    load(connection, landing)
    rows = connection.execute(
        "select product_id, unit_cost, weight from raw_generic.products order by 1"
    ).fetchall()
    assert rows == [("007", None, "5"), ("1", 1.5, "3"), ("2", None, "4"), ("9", None, "6")]


def test_renamed_and_nameless_columns(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    write_csv(landing / "orders.csv", [["o1", "2024-01-01", "x"]], ["Number", "ordered_at", ""])
    renames = {"orders": {" NUMBER": "order_id"}}
    (found,) = load(connection, landing, renames=renames)
    assert found.columns_seen == ("order_id", "ordered_at", "column_3")
    assert raw(connection, ["order_id", "column_3"]) == [["o1", "x"]]


def test_columns_named_like_the_loaders_helpers_are_plain_data(
    connection: duckdb.DuckDBPyConnection, landing: Path
) -> None:
    names = ["number", "staged_row", "record", "code", 'it\'s "q"', "line", "keys"]
    rows = [["o1", "2024-01-01", *"abcdefg"], ["o2", "nonsense", *"abcdefg"], ["o3"]]
    write_csv(landing / "orders/a.csv", rows, ["order_id", "ordered_at", *names])
    row = dict(zip(["order_id", "ordered_at", *names], rows[0], strict=True))
    (landing / "orders/b.jsonl").write_text(json.dumps({**row, "round_0": 1}) + "\n{}")
    first, second = load(connection, landing)
    assert counts(first) == ("loaded", 3, 1, 2, 0)
    assert counts(second) == ("loaded", 2, 1, 1, 0)


def test_every_declared_table_exists_and_grows_with_its_format(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    ensure_tables(connection, {"generic": GENERIC, "demo": GENERIC})
    connection.execute("alter table raw_demo.orders drop column coupon_code")
    ensure_tables(connection, {"generic": GENERIC, "demo": GENERIC})
    assert connection.execute("select coupon_code from raw_demo.orders").fetchall() == []
    tables = connection.execute("select count(*) from duckdb_tables()").fetchone()
    assert tables == (2 * len(GENERIC.entities) + 2,)


def test_progress_is_reported_per_file(
    connection: duckdb.DuckDBPyConnection, landing: Path
) -> None:
    path = write_csv(landing / "orders.csv", orders(0, 2))
    os.utime(path, ns=(1, 1_700_000_000_000_000_001))
    reported: list[FileProgress] = []
    source = Source("generic", GENERIC, landing)
    for build in ("b1", "b2"):
        ingest(connection, source, build_id=build, loaded_at=AT, on_file=reported.append)
    assert [step.state for step in reported] == ["started", "loaded", "started", "unchanged"]
    assert (reported[0].number, reported[0].total, reported[0].bytes) == (1, 1, path.stat().st_size)
