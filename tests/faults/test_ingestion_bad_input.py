"""Whatever is delivered: the records add up, the bytes of bad records are kept, and the reason is clear and
quotes no value. A load that dies half-way leaves nothing behind."""

import gzip
import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from dagster_project.errors import DeliveryError
from dagster_project.ingestion import Load, Source, ingest, load_format, transaction
from dagster_project.ingestion import read_csv as csv_reader

GENERIC = load_format("generic")
AT = datetime(2026, 1, 2)
HEADER = b"order_id,ordered_at,email,status,items_amount\n"
GOOD = b"o1,2024-01-01,a@example.com,paid,1\n"
SECRET = b"jana.secret"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def load(
    connection: duckdb.DuckDBPyConnection, folder: Path, build_id: str = "b1", **options: Any
) -> list[Load]:
    source = Source("generic", GENERIC, folder, **options)
    return ingest(connection, source, build_id=build_id, loaded_at=AT)


def quarantine(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select line_number, record_number, raw_bytes, reason from ingest.quarantine "
        "order by location, record_number"
    ).fetchall()


def raw_count(connection: duckdb.DuckDBPyConnection, entity: str = "orders") -> int:
    row = connection.execute(f"select count(*) from raw_generic.{entity}").fetchone()
    return int(row[0]) if row else -1


BAD_ORDERS = [
    (b"o2,2024-01-01," + SECRET, "3 fields, the header has 5"),
    (b"o2,2024-01-01," + SECRET + b",paid,1,", "6 fields, the header has 5"),
    (b'o2,2024-01-01,"' + SECRET + b"\n@x" + b'",paid,1,2', "6 fields, the header has 5"),
    (b"o2,2024-01-01," + SECRET + b"\x00,paid,1", "a NUL byte"),
    (b"o2,2024-01-01," + SECRET + b"\xe9,paid,1", "not UTF-8"),
    (b'o2,2024-01-01,"' + SECRET + b'"x,paid,1', "text after a closing quote"),
    (b'o2,2024-01-01,"' + SECRET + b",paid,1", "a quote that is never closed"),
    (b"o2,2024-01-01," + SECRET + b"\rx,paid,1", "a carriage return outside quotes"),
    (b" ,2024-01-01," + SECRET + b",paid,1", "order_id: required, but empty"),
    (b",,,,", "order_id: required, but empty"),
    (b"o2,1.2.2024," + SECRET + b",paid,1", "ordered_at: not a time"),
    (b"o2,infinity," + SECRET + b",paid,1", "ordered_at: not a time"),
    (b"o2,1024-01-01," + SECRET + b",paid,1", "ordered_at: before 1995-01-01"),
    (b"o2,2024-01-01," + SECRET + b",,1", "status: empty, though the column is delivered"),
    (b'o2,2024-01-01,"' + SECRET + b'\r\n",paid,"1,5"', "items_amount: not a number"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD_ORDERS)
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_a_bad_record_is_quarantined_alone(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, bad: bytes, reason: str, newline: bytes
) -> None:
    good = b"o3,2024-01-05T00:00:00+01:00, x ,PAID ,\n"
    before = (HEADER + GOOD).replace(b"\n", newline)
    content = before + newline + bad + newline + good.replace(b"\n", newline)
    (tmp_path / "orders.csv").write_bytes(content)
    (found,) = load(connection, tmp_path)
    assert (found.status, found.physical_records) == ("loaded", 3)
    assert (found.accepted_records, found.quarantined_records) == (2, 1)
    assert found.newest_record_at == datetime(2024, 1, 4, 23)
    (row,) = quarantine(connection)
    assert row[:3] == (4, 2, bad)
    assert row[3].startswith(reason)
    assert SECRET.decode() not in row[3]
    rows = connection.execute("select order_id, _source_row from raw_generic.orders").fetchall()
    assert sorted(rows) == [("o1", 1), ("o3", 3)]


def test_a_rate_is_positive_and_may_be_small(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rates = ("0.0000377358", "0.0000000001", "0", "-0.04", "100001", "100000", "1")
    lines = "".join(f"2024-01-0{day},VND,{rate}\n" for day, rate in enumerate(rates, start=1))
    (tmp_path / "currency_rates.csv").write_text("rate_date,currency_code,rate\n" + lines)
    load(connection, tmp_path)
    assert [(row[2], row[3]) for row in quarantine(connection)] == [
        (b"2024-01-03,VND,0", "rate: below 0.0000000001"),
        (b"2024-01-04,VND,-0.04", "rate: below 0.0000000001"),
        (b"2024-01-05,VND,100001", "rate: above 100000"),
    ]
    kept = connection.execute("select rate from raw_generic.currency_rates").fetchall()
    assert {rate for (rate,) in kept} == {rates[0], rates[1], rates[5], rates[6]}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"review_id": "r2", "reviewed_at": "2024-01-01", "rating": 6}', "rating: not a rating"),
        (b'{"review_id": "r2", "reviewed_at": "2024-01-01", "rating": 0}', "rating: not a rating"),
        (b'{"review_id": "r2", "rating": 5, "review_id": "r3"}', "a key twice"),
        (b'{"review_id": "r2", "": 1}', "a key without a name"),
        (b'{"review_id": "r2"', "not a JSON object"),
        (b'["r2"]', "not a JSON object"),
        (b'{"review_id": "r2"} {}', "not a JSON object"),
        (b"   ", "not a JSON object"),
        (b'{"review_id": "\xff"}', "not UTF-8"),
        (b'{"review_id": "\x00"}', "a NUL byte"),
        (b'{"review_id": "\x1f"}', "a control character"),
    ],
)
def test_a_bad_line_of_json_is_quarantined_alone(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, line: bytes, reason: str
) -> None:
    good = '{"review_id": "r%d", "reviewed_at": "2024-01-01", "rating": %s, "is_public": true}\n'
    content = (good % (1, 5)).encode() + b"\n" + line + b"\r\n" + (good % (3, '"4"')).encode()
    (tmp_path / "reviews.jsonl").write_bytes(content)
    (found,) = load(connection, tmp_path)
    assert (found.physical_records, found.accepted_records) == (3, 2)
    (row,) = quarantine(connection)
    assert row[:3] == (3, 2, line)
    assert row[3].startswith(reason)
    rows = connection.execute("select review_id, _source_row from raw_generic.reviews").fetchall()
    assert sorted(rows) == [("r1", 1), ("r3", 3)]


PACKED = gzip.compress(HEADER + GOOD * 3, mtime=0)
REJECTED = [
    ("orders.csv", b"", 0, "the file is empty"),
    ("orders.csv", b"\n\n", 0, "blank lines only"),
    ("orders.csv", HEADER, 0, "a header and no record"),
    ("orders.csv", b"order_id,order_at\n1,2\n\n3,4\n", 2, "is order_at meant to be ordered_at?"),
    ("orders.csv", b"Jana,Secret\n1,2\n", 1, "no column of orders found"),
    ("orders.csv", b"order_id,ordered_at,Order_ID\n1,2,3\n", 1, "delivered twice: order_id"),
    ("orders.csv", b"order_id,ordered_at,_load_id\n1,2,3\n", 1, "name of the loader's own"),
    ("orders.csv", b"order_id,ordered_at,RowId\n1,2,3\n", 1, "name of the loader's own"),
    ("orders.csv", (HEADER + GOOD).decode().encode("utf-16"), 0, "UTF-16"),
    ("orders.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), 0, "not UTF-8"),
    ("orders.csv.gz", PACKED[:-9], 3, "truncated or corrupt"),
    ("orders.csv.gz", HEADER + GOOD, 0, "truncated or corrupt"),
    ("orders.csv.zst", b"no zstandard", 0, "truncated or corrupt"),
    ("orders.parquet", b"PAR1 and no more", 0, "truncated or corrupt"),
    ("orders.parquet", b"", 0, "the file is empty"),
    ("orders.jsonl", b"", 0, "the file is empty"),
    ("orders.jsonl", b"one\ntwo\n", 2, "no line is a JSON object"),
    ("orders.json", b'[{"order_id": 1}]', 0, "a JSON array"),
    ("orders.jsonl", b'{"order_id": 1}\n{"order_id": 2}\n', 2, "missing: ordered_at"),
]


@pytest.mark.parametrize(("name", "content", "physical", "reason"), REJECTED)
def test_a_useless_file_is_rejected_and_kept(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    name: str,
    content: bytes,
    physical: int,
    reason: str,
) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / name).write_bytes(content)
    (tmp_path / "products.csv").write_bytes(b"product_id\np1\n")
    for build_id in ("b1", "b2"):
        rejected, other = load(connection, tmp_path, build_id)
        assert (rejected.status, rejected.is_new, rejected.build_id) == ("rejected", True, build_id)
        assert other.status == "loaded"
        assert reason in (rejected.reason or "")
        assert "Secret" not in f"{rejected.reason}{rejected.columns_seen}"
        assert rejected.physical_records == rejected.quarantined_records == physical
        assert rejected.accepted_records == 0
        kept = connection.execute(
            "select raw_bytes, record_count, reason, status from ingest.quarantine"
        ).fetchall()
        assert kept == [(content, physical, rejected.reason, "open")]
        assert raw_count(connection) == 0
        ledger = connection.execute("select count(*) from ingest.loads").fetchone()
        assert ledger == (2,)


def test_missing_columns_are_named_with_those_found(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "orders.csv").write_bytes(b"order_id,when\n1,2\n")
    (rejected,) = load(connection, tmp_path)
    assert rejected.reason == (
        "required column missing: ordered_at; found: order_id, when; deliver it, or map its name "
        "under `renames`"
    )
    # Mapped, the same file loads, in its old place of the order, and its rejection is gone.
    (tmp_path / "orders.csv").write_bytes(b"order_id,when\n1,2024-01-01\n")
    load(connection, tmp_path, "b2")
    (loaded,) = load(connection, tmp_path, "b3", renames={"orders": {"when": "ordered_at"}})
    assert (loaded.status, loaded.load_number) == ("loaded", 2)
    # The first file's record was never accepted: it is still quarantined.
    rows = connection.execute("select status, physical_records from ingest.loads").fetchall()
    assert sorted(rows) == [("loaded", 1), ("rejected", 1)]
    assert [row[2] for row in quarantine(connection)] == [b"order_id,when\n1,2\n"]


def test_an_empty_delivery_is_fine_where_it_may_be(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "orders.csv").write_bytes(HEADER)
    (tmp_path / "reviews.jsonl").write_bytes(b"")
    table = pa.table({"product_id": pa.array([], pa.int64())})
    parquet.write_table(table, tmp_path / "products.parquet")
    allowed = frozenset({"orders", "reviews", "products"})
    for found in load(connection, tmp_path, may_be_empty=allowed):
        assert (found.status, found.physical_records) == ("loaded", 0)


def test_a_file_completed_later_supersedes_its_empty_start(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "orders.csv").write_bytes(b"")
    load(connection, tmp_path)
    (tmp_path / "orders.csv").write_bytes(HEADER + GOOD)
    load(connection, tmp_path, "b2")
    assert connection.execute("select status from ingest.loads").fetchall() == [("loaded",)]
    assert quarantine(connection) == []


def test_an_unreadable_file_is_rejected(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "orders.csv").write_bytes(HEADER + GOOD)
    (tmp_path / "products.csv").symlink_to(tmp_path / "nowhere.csv")
    (tmp_path / "orders.csv").chmod(0)
    found = {each.entity: each for each in load(connection, tmp_path)}
    assert "No such file" in (found["products"].reason or "")
    assert (found["products"].status, found["products"].physical_records) == ("rejected", 0)
    if os.geteuid() != 0:
        assert "Permission denied" in (found["orders"].reason or "")
    (tmp_path / "orders.csv").chmod(stat.S_IRUSR)
    load(connection, tmp_path, "b2")
    assert raw_count(connection) == 1


def test_unknown_names_stop_before_anything_is_loaded(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "contacts.csv").write_bytes(b"contact_id,created_at\nc1,2024-01-01\n")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    for name, hint in (("oders.csv", "Did you mean orders"), ("notes.txt", "no entity")):
        (tmp_path / name).write_bytes(HEADER)
        with pytest.raises(DeliveryError, match=hint) as error:
            load(connection, tmp_path)
        assert error.value.where == str(tmp_path / name)
        (tmp_path / name).unlink()
    (tmp_path / "orders.xlsx").write_bytes(b"PK")
    with pytest.raises(DeliveryError, match="csv, tsv, jsonl"):
        load(connection, tmp_path)
    assert connection.execute("select * from duckdb_tables()").fetchall() == []
    (found,) = load(connection, tmp_path, ignored=("orders",))
    assert found.status == "loaded"


def test_a_missing_or_empty_folder_is_refused_with_an_example(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with pytest.raises(DeliveryError, match=r"absent/contacts\.csv"):
        load(connection, tmp_path / "absent")
    (tmp_path / "orders").mkdir()
    with pytest.raises(DeliveryError, match="has delivered no file"):
        load(connection, tmp_path)


def test_a_file_that_changes_while_it_is_read_is_rejected(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(HEADER + GOOD)
    validate = transaction.validate

    def grow(*arguments: Any) -> Any:
        with path.open("ab") as file:
            file.write(b"o9,2024-01-01,,paid,\n")
        return validate(*arguments)

    monkeypatch.setattr(transaction, "validate", grow)
    (found,) = load(connection, tmp_path)
    assert (found.status, raw_count(connection)) == ("rejected", 0)
    assert "changed while it was read" in (found.reason or "")
    monkeypatch.undo()
    (found,) = load(connection, tmp_path, "b2")
    assert (found.status, raw_count(connection)) == ("loaded", 2)


@pytest.mark.parametrize("step", ["fit_raw_table", "write_load", "write_faults"])
def test_a_load_that_dies_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "a.csv").write_bytes(HEADER + GOOD)
    (tmp_path / "orders" / "b.csv").write_bytes(HEADER.replace(b"email", b"new") + b"o2,,,,\n")
    done = getattr(transaction, step)
    calls = []

    def die(*arguments: Any) -> Any:
        result = done(*arguments)
        calls.append(step)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return result

    database = tmp_path / "warehouse.duckdb"
    with duckdb.connect(database) as connection:
        monkeypatch.setattr(transaction, step, die)
        with pytest.raises(KeyboardInterrupt):
            load(connection, tmp_path, ignored=("warehouse",))
        temporary = connection.execute("select * from duckdb_tables() where temporary").fetchall()
        assert temporary == []
    monkeypatch.undo()
    with duckdb.connect(database) as connection:
        assert connection.execute("select location from ingest.loads").fetchall() == [
            ("orders/a.csv",)
        ]
        assert raw_count(connection) == 1
        assert quarantine(connection) == []
        described = connection.execute("describe raw_generic.orders").fetchall()
        assert "new" not in [name for name, *_ in described]
        first, second = load(connection, tmp_path, "b2", ignored=("warehouse",))
        assert (first.is_new, second.is_new, second.quarantined_records) == (False, True, 1)


def test_records_that_do_not_add_up_are_not_committed(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "orders.csv").write_bytes(HEADER + GOOD + b"o2,,,,\n")
    monkeypatch.setattr(transaction, "_violations", lambda *_: [])
    with pytest.raises(DeliveryError, match="do not add up: 2 in the file, 1 accepted"):
        load(connection, tmp_path)
    assert raw_count(connection) == 0
    assert connection.execute("select * from ingest.loads").fetchall() == []


@pytest.mark.parametrize(
    "content",
    [HEADER + GOOD, (HEADER + b'o1,2024-01-01,"a\n""b"", c",paid,\n').replace(b"\n", b"\r\n")],
)
def test_a_clean_file_takes_the_fast_path(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
) -> None:
    monkeypatch.delattr(csv_reader, "write_clean")
    (tmp_path / "orders.csv").write_bytes(content)
    (found,) = load(connection, tmp_path)
    assert found.accepted_records == 1


def test_a_reader_that_loses_a_record_is_caught(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    select = csv_reader._select
    monkeypatch.setattr(csv_reader, "_select", lambda *a, **k: select(*a, **k) + " limit 1")
    (tmp_path / "orders.csv").write_bytes(HEADER + GOOD + b"o2,2024-01-01,,,\n")
    (found,) = load(connection, tmp_path)
    assert (found.status, found.physical_records, raw_count(connection)) == ("rejected", 2, 0)
    assert "disagree" in (found.reason or "")
