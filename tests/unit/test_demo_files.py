"""The demo delivery as files, read here by an independent reader. Belongs here: comparing the bytes, record
by record, with the generator's facts about them. Does not belong here: ingestion."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter, defaultdict
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

import pytest

from demo_company.accounts import discount_of, items_of
from demo_company.company import batches
from demo_company.delivery import Delivery, generate
from demo_company.entities import ENTITIES, entity_of
from demo_company.plan import Plan
from demo_company.truth import identifiers_on, names_of

pytestmark = pytest.mark.thorough
ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds" / "demo"
KEYS = {
    "order_lines": ("order_id", "line_number"),
    "currency_rates": ("rate_date", "currency_code"),
}
NUMBERS = ("quantity", "amount", "unit_price", "rate", "points", "score", "rating", "sentiment")

Record = dict[str, str]


@pytest.fixture(scope="module")
def delivery() -> Delivery:
    """The generator's facts about the committed delivery."""
    return generate(Plan(), None)


def content(path: Path) -> bytes:
    """The bytes of a file, unpacked."""
    packed = path.read_bytes()
    return gzip.decompress(packed) if path.suffix == ".gz" else packed


@cache
def read(path: str) -> list[tuple[int, Record | None]]:
    """Every record of a committed file with its first line; None if it is not well formed."""
    text = content(SEEDS / "demo" / path).decode("utf-8", errors="surrogateescape")
    found: list[tuple[int, Record | None]] = []
    if path.endswith(".jsonl"):
        for number, line in enumerate(text.split("\n")[:-1], start=1):
            try:
                found.append((number, json.loads(line, parse_float=str, parse_int=str)))
            except json.JSONDecodeError:
                found.append((number, None))
        return found
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    header = next(reader)
    first_line = reader.line_num + 1
    for fields in reader:
        whole = len(fields) == len(header)
        found.append((first_line, dict(zip(header, fields, strict=True)) if whole else None))
        first_line = reader.line_num + 1
    return found


def is_good(entity: str, record: Record | None) -> bool:
    """Whether a record keeps the rules of the generic format."""
    if record is None:
        return False
    columns = ENTITIES[entity].columns
    required = [*KEYS.get(entity, columns[:1]), *[c for c in columns[:2] if c.endswith("_at")]]
    if not all(record.get(column) for column in required):
        return False
    for column, value in record.items():
        if isinstance(value, str) and any("\udc80" <= letter <= "\udcff" for letter in value):
            return False
        try:
            if column.endswith("_at") and value:
                datetime.fromisoformat(value)
            if (column in NUMBERS or column.endswith("_amount")) and value:
                Decimal(value)
        except (ValueError, InvalidOperation):
            return False
    if entity == "reviews" and not 1 <= int(record["rating"]) <= 5:
        return False
    return not (entity == "orders" and record["currency_code"] not in ("EUR", "CZK"))


def key_of(entity: str, record: Record) -> tuple[str, ...]:
    return tuple(record[column] for column in KEYS.get(entity, ENTITIES[entity].columns[:1]))


def latest(delivery: Delivery, entity: str) -> dict[tuple[str, ...], Record]:
    """The newest version of every good record: by `updated_at`, else by order of files."""
    found: dict[tuple[str, ...], Record] = {}
    for facts in delivery.files:
        if entity_of(facts.path) != entity:
            continue
        for _, record in read(facts.path):
            if not is_good(entity, record):
                continue
            assert record is not None
            before = found.get(key_of(entity, record), {}).get("updated_at", "")
            if record.get("updated_at", "") >= before:
                found[key_of(entity, record)] = record
    return found


def test_same_seed_same_bytes_whatever_the_number_of_processes(tmp_path: Path) -> None:
    plan = Plan(people=120, seed=7, batch_size=60)
    for jobs in (1, 2):
        generate(plan, tmp_path / str(jobs), jobs)
    names = sorted(p.relative_to(tmp_path / "1") for p in (tmp_path / "1").rglob("*.*"))
    assert names == sorted(p.relative_to(tmp_path / "2") for p in (tmp_path / "2").rglob("*.*"))
    for name in names:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_another_seed_makes_another_company(tmp_path: Path) -> None:
    for seed in (1, 2):
        generate(Plan(people=20, seed=seed), tmp_path / str(seed))
    contacts = "demo/contacts/2024-01_2024-03.csv"
    assert (tmp_path / "1" / contacts).read_bytes() != (tmp_path / "2" / contacts).read_bytes()


def test_committed_seeds_are_what_the_generator_writes(tmp_path: Path) -> None:
    """Regenerate with `python -m demo_company --out seeds/demo` into an empty folder."""
    generate(Plan(), tmp_path)
    made = {p.relative_to(tmp_path): p for p in (tmp_path / "demo").rglob("*") if p.is_file()}
    kept = {p.relative_to(SEEDS): p for p in (SEEDS / "demo").rglob("*") if p.is_file()}
    assert made.keys() == kept.keys()
    assert [name for name in made if content(made[name]) != content(kept[name])] == []


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    generate(Plan(people=5), tmp_path)
    with pytest.raises(FileExistsError, match="not empty"):
        generate(Plan(people=5), tmp_path)


def test_size_is_small_enough_to_read() -> None:
    sizes = [p.stat().st_size for p in (SEEDS / "demo").rglob("*") if p.is_file()]
    assert 2_500_000 < sum(sizes) < 4_000_000
    assert max(sizes) < 200_000


def test_every_entity_is_delivered_in_the_formats_of_real_exports(delivery: Delivery) -> None:
    assert {entity_of(facts.path) for facts in delivery.files} == ENTITIES.keys()
    assert Counter(facts.path.split(".")[-1] for facts in delivery.files).keys() == {
        *("csv", "jsonl", "gz"),
    }
    packed = (SEEDS / "demo" / "loyalty_entries.csv.gz").read_bytes()
    assert packed[4:8] == b"\0\0\0\0", "gzip holds a time: other bytes every day"


def test_facts_match_an_independent_count(delivery: Delivery) -> None:
    """Physical records per file; bad records exactly where expected; exactly the expected number of
    redelivered records."""
    bad = []
    seen: set[tuple[str, ...]] = set()
    for facts in delivery.files:
        entity = entity_of(facts.path)
        records = read(facts.path)
        assert len(records) == facts.records, facts.path
        bad += [(facts.path, line) for line, record in records if not is_good(entity, record)]
        again = 0
        for _, record in records:
            if record is not None and is_good(entity, record):
                fingerprint = (entity, *sorted(map(str, record.items())))
                again += fingerprint in seen
                seen.add(fingerprint)
        assert again == facts.redelivered, facts.path
    assert bad == [(record.path, record.line) for record in delivery.quarantined]
    assert 10 <= len(bad) <= 15
    for expected in delivery.quarantined:
        assert read(expected.path)[expected.record - 1][0] == expected.line


def test_the_newest_record_is_of_the_last_day(delivery: Delivery) -> None:
    """So a one-off build takes the day after it as its as_of."""
    times = [
        str(record[column])[:10]
        for facts in delivery.files
        for _, record in read(facts.path)
        for column in ("occurred_at", "ordered_at", "reviewed_at", "started_at", "refunded_at")
        if record is not None and is_good(entity_of(facts.path), record) and column in record
    ]
    assert max(times) == "2025-12-31"
    assert min(times) == "2024-01-01"


def test_bad_records_are_of_several_kinds(delivery: Delivery) -> None:
    assert {record.reason for record in delivery.quarantined} == {
        *("wrong_field_count", "unparseable_time", "unparseable_number", "unknown_code"),
        *("missing_required", "invalid_utf8", "out_of_range", "broken_json"),
    }


def test_versions_in_one_file_differ_in_time(delivery: Delivery) -> None:
    """Otherwise shuffling a file would change which version wins."""
    for facts in delivery.files:
        entity = entity_of(facts.path)
        versions = Counter(
            (key_of(entity, record), record.get("updated_at", ""))
            for _, record in read(facts.path)
            if record is not None and is_good(entity, record)
        )
        assert [key for key, count in versions.items() if count > 1] == [], facts.path


def test_mess_of_files(delivery: Delivery) -> None:
    paths = {facts.path: facts for facts in delivery.files}
    demo = SEEDS / "demo"
    again = (demo / "orders/2024-05_again.csv").read_bytes()
    assert again == (demo / "orders/2024-05.csv").read_bytes()
    assert paths["payments/2025-07_2025-09.csv"].redelivered == 25
    for late, before in (
        ("orders/2024-06_late.csv", "orders/2024-06.csv"),
        ("interactions/2024-11_late.jsonl", "interactions/2024-11.jsonl"),
    ):
        column = ENTITIES[entity_of(late)].columns[1]
        newest = max(record[column] for _, record in read(late) if record)
        assert newest < min(record[column] for _, record in read(before)[-20:] if record)
    with_bom = [path for path in paths if content(demo / path).startswith(b"\xef\xbb\xbf")]
    assert with_bom == ["order_lines/2024-07_2024-09.csv"]
    crlf = [p for p in paths if content(demo / p).split(b"\n")[0].endswith(b"\r")]
    assert crlf == ["contacts/2024-04_2024-06.csv"]
    assert any("\r\n" in (r or {}).get("body", "") for _, r in read("reviews/2024-07_2024-09.csv"))
    headers = {tuple(read(p)[0][1] or ()) for p in paths if p.startswith("orders/")}
    assert len(headers) == 4, "usual, reversed, without external_id, with an unknown column"
    assert "gift_wrap" in {column for header in headers for column in header}
    names = [record["name"] for record in latest(delivery, "products").values()]
    assert any('"' in name and "," in name for name in names)


def test_corrections_come_later_and_win(delivery: Delivery) -> None:
    """Statuses, e-mails, ratings and payments that differ in an earlier file."""
    for entity, column in (
        ("orders", "status"),
        ("contacts", "email"),
        ("reviews", "rating"),
        ("payments", "status"),
        ("support_tickets", "resolved_at"),
    ):
        said = defaultdict(set)
        for facts in delivery.files:
            if entity_of(facts.path) == entity:
                for _, record in read(facts.path):
                    if record is not None and is_good(entity, record):
                        said[key_of(entity, record)].add(record.get(column, ""))
        assert sum(len(values) > 1 for values in said.values()) >= 5, entity


def test_files_say_of_orders_what_is_true(delivery: Delivery) -> None:
    """Read back, the newest versions hold every true order and its sums, and nothing else."""
    orders = latest(delivery, "orders")
    lines = defaultdict(list)
    for (order_id, _), line in latest(delivery, "order_lines").items():
        lines[order_id].append(line)
    plan = Plan()
    true = [order for batch in batches(plan) for order in batch.orders]
    assert {order.key for order in true} == {key for (key,) in orders}
    for order in true:
        record = orders[order.key,]
        of_lines = sum(Decimal(s["quantity"]) * Decimal(s["unit_price"]) for s in lines[order.key])
        assert (record["status"] or "completed") == order.exported_status
        if record["items_amount"] and order.exports_lines:
            assert Decimal(record["items_amount"]) == of_lines
        if record["items_amount"] or order.exports_lines:
            exported = Decimal(record["items_amount"] or of_lines)
            assert exported == Decimal(items_of(order, plan.closes)) / 100
        of_lines = sum(Decimal(s["discount_amount"] or 0) for s in lines[order.key])
        discount = Decimal(record["discount_amount"] or of_lines)
        assert discount == Decimal(discount_of(order)) / 100


@pytest.mark.parametrize("as_of", [date(2024, 3, 1), date(2024, 9, 17), date(2026, 1, 1)])
def test_identifiers_hang_together_exactly_as_people_do(as_of: date) -> None:
    """At any time the known records of one person are linked, and those of two people never are."""
    moment = datetime.combine(as_of, time.min)
    owner: dict[tuple[str, str], int] = {}
    ids_of_email = defaultdict(set)
    for batch in batches(Plan()):
        for life in batch.lives:
            names = [identifiers_on(name) for name in names_of(life, moment)]
            for name in names:
                named = dict(name)
                if "email" in named and "contact_id" in named:
                    ids_of_email[named["email"]].add(named["contact_id"])
            shared = {("email", email) for email, ids in ids_of_email.items() if len(ids) > 5}
            groups: list[set[tuple[str, str]]] = []
            for name in [
                name - shared - {("email", "info@mountain-club.example")} for name in names
            ]:
                joined = [group for group in groups if group & name]
                groups = [group for group in groups if not group & name]
                groups.append(name.union(*joined))
            assert len(groups) <= 1, life.who.number
            for identifier in groups[0] if groups else ():
                assert owner.setdefault(identifier, life.who.number) == life.who.number
    assert len(ids_of_email["info@mountain-club.example"]) == 8
    assert (
        max(len(ids) for email, ids in ids_of_email.items() if not email.startswith("info@")) <= 2
    )
