"""What the door refuses and what it stops at: each rule on a small file. Belongs here: record by record and
file by file, without a build. Does not belong here: damaged files (`test_ingestion_bad_input.py`)."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from dagster_project.ingestion import Format, Load, Source, ingest, load_format
from tests.faults.test_ingestion_bad_input import AT, connection, load, quarantine

__all__ = ["connection"]  # the fixture
GENERIC = load_format("generic")
REQUIRED = {
    "text": "x",
    "time": "2024-01-01",
    "date": "2024-01-01",
    "decimal": "1",
    "currency": "EUR",
}
TIMES = [
    (entity.name, column.name, column.type, column.may_be_ahead)
    for entity in GENERIC.entities.values()
    for column in entity.columns
    if column.type in ("time", "date")
]
AMOUNTS = [
    ("orders", "items_amount"),
    ("orders", "discount_amount"),
    ("orders", "shipping_amount"),
    ("orders", "tax_amount"),
    ("order_lines", "quantity"),
    ("order_lines", "unit_price"),
    ("order_lines", "discount_amount"),
    ("order_lines", "unit_cost"),
    ("payments", "amount"),
    ("checkouts", "amount"),
    ("products", "unit_cost"),
]
MAY_BE_NEGATIVE = [
    ("refunds", "amount"),
    ("refunds", "items_amount"),
    ("refunds", "tax_amount"),
    ("refunds", "shipping_amount"),
    ("loyalty_entries", "points"),
]


def record(entity: str, number: int, **values: Any) -> dict[str, Any]:
    """A record with its required columns alone, and `values`."""
    found: dict[str, Any] = {}
    for column in GENERIC.entities[entity].columns:
        if column.required:
            code = column.one_of[-1] if column.one_of else REQUIRED[column.type]
            found[column.name] = f"k{number}" if column.name.endswith("_id") else code
    return found | values


def deliver(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    entity: str,
    records: list[dict[str, Any]],
    **options: Any,
) -> Load:
    """Loads the records from a CSV file with the columns of all of them."""
    columns = list(dict.fromkeys(name for each in records for name in each))
    with (folder / f"{entity}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(records)
    declared = {entity: GENERIC.entities[entity]}
    build_id = options.pop("build_id", "b1")
    source = Source("generic", Format("generic", declared), folder, **options)
    (found,) = ingest(connection, source, build_id=build_id, loaded_at=AT)
    return found


def reasons(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    entity: str,
    column: str,
    *,
    good: Sequence[str],
    bad: Sequence[str],
) -> list[str]:
    """The reasons for the records with the bad values of one column, of which most are good."""
    values = [*good, *bad, *list(good) * (len(bad) + 1)]
    records = [record(entity, at, **{column: value}) for at, value in enumerate(values)]
    found = deliver(connection, folder, entity, records)
    assert found.status == "loaded", found.reason
    rows = quarantine(connection)
    assert [row[1] for row in rows] == list(range(len(good) + 1, len(good) + len(bad) + 1))
    return [row[3] for row in rows]


@pytest.mark.parametrize(("entity", "column", "kind", "may_be_ahead"), TIMES)
def test_every_time_has_its_bounds(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    entity: str,
    column: str,
    kind: str,
    may_be_ahead: bool,
) -> None:
    """The delivery is loaded on 2026-01-02 at midnight."""
    first = "1900-01-01" if column == "birth_date" else "1995-01-01"
    early = "1899-12-31" if column == "birth_date" else "1994-12-31"
    late = "2200-01-02" if may_be_ahead else "2026-01-04"
    last = "2200-01-01" if may_be_ahead else "2026-01-03"
    found = reasons(connection, tmp_path, entity, column, good=[first, last], bad=[early, late])
    why = "after 2200-01-01" if may_be_ahead else "later than its loading by more than 1 days"
    assert found == [
        f"{column}: before {first}, the first day that is taken",
        f"{column}: {why}",
    ]


def test_plans_are_few() -> None:
    """All other times say that something has happened."""
    plans = {(entity, column) for entity, column, _, may_be_ahead in TIMES if may_be_ahead}
    assert plans == {
        ("contacts", "exited_at"),
        ("orders", "promised_at"),
        ("currency_rates", "rate_date"),
    }


def test_only_iso_8601_is_a_time(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    good = ["2024-01-01", "2024-01-01T10:00", "2024-01-01 10:00:00", "2024-01-01T10:00:00Z"]
    good += [
        "2024-01-01T10:00:00.123456789+05:30",
        "2024-01-01T10:00:00-1200",
        "2024-01-01T10:00:00+02",
    ]
    bad = [
        "epoch",
        "infinity",
        "-infinity",
        "today",
        "20240101",
        "2024-1-5",
        "2024/01/05",
        "2024-02-30",
    ]
    bad += ["2024-01-01T10:00:00+25:00", "2024-01-01T10:00:00+15:00", "2024-01-01T10:00:00+01:60"]
    bad += ["2024-01-01 10:00:00 Europe/Prague", "2024-01-01 10:00:00 UTC", "2024-01-01 (BC)"]
    bad += ["1704103200", "2024-01-01T25:00:00"]
    found = reasons(connection, tmp_path, "orders", "ordered_at", good=good, bad=bad)
    assert set(found) == {"ordered_at: not a time (ISO 8601)"}


def test_the_first_day_and_the_tolerance_are_settings(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    days = ("1980-01-01", "2026-01-20", "1979-12-31", "2026-02-20")
    records = [record("orders", at, ordered_at=day) for at, day in enumerate(days)]
    options = {"first_day": date(1980, 1, 1), "days_ahead": 30}
    deliver(connection, tmp_path, "orders", records, **options)
    assert [row[3] for row in quarantine(connection)] == [
        "ordered_at: before 1980-01-01, the first day that is taken",
        "ordered_at: later than its loading by more than 30 days",
    ]


@pytest.mark.parametrize(("entity", "column"), AMOUNTS)
def test_amounts_have_a_sign_and_a_size(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, entity: str, column: str
) -> None:
    most = 1_000_000 if column == "quantity" else 1_000_000_000
    bad = ["-0.01", str(most + 1), "999999999999"]
    found = reasons(connection, tmp_path, entity, column, good=["0", str(most)], bad=bad)
    assert found == [f"{column}: below 0", f"{column}: above {most}", f"{column}: above {most}"]


@pytest.mark.parametrize(("entity", "column"), MAY_BE_NEGATIVE)
def test_what_is_taken_back_may_be_negative(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, entity: str, column: str
) -> None:
    most = 10_000_000 if column == "points" else 1_000_000_000
    good, bad = [f"-{most}", str(most)], [f"-{most + 1}"]
    found = reasons(connection, tmp_path, entity, column, good=good, bad=bad)
    assert found == [f"{column}: below -{most}"]


def test_a_line_has_a_size(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    lines = [
        record("order_lines", 1, quantity="1000", unit_price="1000000", unit_cost="1000000"),
        record("order_lines", 2, quantity="1001", unit_price="1000000", unit_cost="1"),
        record("order_lines", 3, quantity="1001", unit_price="1", unit_cost="1000000"),
        record("order_lines", 4, quantity="2", unit_price="", unit_cost="1"),
    ]
    deliver(connection, tmp_path, "order_lines", lines)
    assert [row[3] for row in quarantine(connection)] == [
        "unit_price: above 1000000000 with its quantity",
        "unit_cost: above 1000000000 with its quantity",
        "unit_price: required, but empty",
    ]


def test_the_kind_decides_on_scores_and_points(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    answers = [("nps", 10), ("nps", 11), ("csat", 11), ("ces", 100), ("csat", 101), ("NPS", -1)]
    records = [
        record("survey_responses", at, kind=kind, score=score)
        for at, (kind, score) in enumerate(answers)
    ]
    deliver(connection, tmp_path, "survey_responses", records)
    assert [row[3] for row in quarantine(connection)] == [
        "score: above 10 in an answer of kind nps",
        "score: above 100",
        "score: below 0",
    ]


def test_points_earned_are_not_negative(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    entries = [("earn", 5), ("redeem", -5), ("expire", 5), ("adjust", -5), ("Earn", -5)]
    records = [
        record("loyalty_entries", at, kind=kind, points=points)
        for at, (kind, points) in enumerate(entries)
    ]
    deliver(connection, tmp_path, "loyalty_entries", records)
    assert [row[3] for row in quarantine(connection)] == [
        "points: below 0 in an entry of kind earn"
    ]


@pytest.mark.parametrize("entity", ["orders", "refunds", "currency_rates"])
def test_a_currency_is_money_of_iso_4217(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, entity: str
) -> None:
    bad = ["Euros", "XXX", "XTS", "XAU", "QQQ", "EU", "€", "978"]
    good = ["EUR", "czk", "DEM"]
    found = reasons(connection, tmp_path, entity, "currency_code", good=good, bad=bad)
    assert set(found) == {"currency_code: not a currency (ISO 4217)"}


@pytest.mark.parametrize(
    ("entity", "column"), [("orders", "order_id"), ("order_lines", "line_number")]
)
def test_a_key_of_nothing_visible_is_empty(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, entity: str, column: str
) -> None:
    bad = [
        "",
        "  ",
        "\t",
        "\u200b",
        "\u200c\u200d",
        "\ufeff",
        "\u00a0",
        "\u2060",
        "\u3000",
        " \u00ad\u200e ",
    ]
    found = reasons(connection, tmp_path, entity, column, good=["a", "0"], bad=bad)
    assert set(found) == {f"{column}: required, but empty"}


def test_an_empty_status_is_not_a_status(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found = deliver(
        connection,
        tmp_path,
        "orders",
        [record("orders", at, status="paid" if at else "") for at in range(4)],
    )
    assert (found.accepted_records, found.quarantined_records) == (3, 1)
    assert [row[3] for row in quarantine(connection)] == [
        "status: empty, though the column is delivered"
    ]


def test_a_json_record_without_the_status_that_others_have_left_it_empty(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    records = [
        record("orders", 1, status="paid"),
        record("orders", 2),
        record("orders", 3, status="paid"),
    ]
    (tmp_path / "orders.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    load(connection, tmp_path)
    assert [(row[0], row[3]) for row in quarantine(connection)] == [
        (2, "status: empty, though the column is delivered")
    ]


def test_a_source_declares_what_an_empty_status_means(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    records = [record("orders", 1, status=""), record("orders", 2, status="paid")]
    options = {"defaults": {"orders": {"status": "shipped"}}}
    deliver(connection, tmp_path, "orders", records, **options)
    rows = connection.execute("select status from raw_generic.orders order by order_id").fetchall()
    assert rows == [("shipped",), ("paid",)]


def test_without_the_column_there_is_no_status_to_miss(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found = deliver(connection, tmp_path, "orders", [record("orders", at) for at in range(3)])
    assert found.accepted_records == 3


@pytest.mark.parametrize(
    ("entity", "column"),
    [
        ("reviews", "order_id"),
        ("reviews", "email"),
        ("orders", "contact_id"),
        ("order_lines", "product_id"),
        ("payments", "order_id"),
        ("refunds", "order_id"),
        ("support_tickets", "external_id"),
        ("survey_responses", "phone"),
        ("interactions", "contact_id"),
        ("checkouts", "email"),
        ("referrals", "contact_id"),
        ("loyalty_entries", "email"),
    ],
)
def test_one_key_with_two_owners(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, entity: str, column: str
) -> None:
    records = [
        record(entity, 1, **{column: "A", "updated_at": ""}),
        record(entity, 2, **{column: "C", "updated_at": ""}),
        record(entity, 1, **{column: "B", "updated_at": ""}),
        record(entity, 3, **{column: "A", "updated_at": "2024-01-01"}),
        record(entity, 3, **{column: "B", "updated_at": "2024-01-02"}),
        record(entity, 4, **{column: "A", "updated_at": ""}),
        record(entity, 4, **{column: "a ", "updated_at": ""}),
    ]
    found = deliver(connection, tmp_path, entity, records)
    assert [row[1] for row in quarantine(connection)] == [1, 3]
    key = ", ".join(GENERIC.entities[entity].key)
    assert {row[3] for row in quarantine(connection)} == {
        f"{key}: the same key with another {column} in this file"
    }
    assert found.physical_records == found.accepted_records + 2


def test_the_strongest_owner_that_all_carry_decides(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """A corrected address is no other owner; a column that one of them left out does not decide."""
    records = [
        record("orders", 1, contact_id="A", email="old@x.test"),
        record("orders", 1, contact_id="A", email="new@x.test"),
        record("orders", 2, contact_id="A", email="one@x.test"),
        record("orders", 2, contact_id="", email="two@x.test"),
    ]
    deliver(connection, tmp_path, "orders", records)
    assert [(row[1], row[3]) for row in quarantine(connection)] == [
        (3, "order_id: the same key with another email in this file"),
        (4, "order_id: the same key with another email in this file"),
    ]


def test_a_continuation_line_is_no_version(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    full = {"email": "a@x.test", "status": "paid", "items_amount": "5", "updated_at": "2024-01-01"}
    records = [
        record("orders", 1, **full),
        record("orders", 1, **{**full, "items_amount": ""}),
        record("orders", 1, **{**full, "email": ""}),
        record("orders", 1, **{**full, "items_amount": "", "updated_at": "2024-01-02"}),
        record("orders", 2, **{**full, "items_amount": ""}),
        record("orders", 2, **full),
    ]
    deliver(connection, tmp_path, "orders", records)
    assert [(row[1], row[3]) for row in quarantine(connection)] == [
        (2, "items_amount: left out, though an earlier line of the same order_id has it"),
        (3, "person: left out, though an earlier line of the same order_id has it"),
    ]


@pytest.mark.parametrize("name", ["a.parquet", "a.jsonl", "a.csv"])
@pytest.mark.parametrize("mapped", [False, True])
def test_one_column_under_two_names_is_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, name: str, mapped: bool
) -> None:
    other = "Mail" if mapped else "Email"
    columns = {"order_id": ["1"], "ordered_at": ["2024-01-01"], other: ["a"], "email": ["b"]}
    (tmp_path / "orders").mkdir()
    path = tmp_path / "orders" / name
    if path.suffix == ".parquet":
        parquet.write_table(pa.table(columns), path)
    elif path.suffix == ".jsonl":
        path.write_text(json.dumps({key: values[0] for key, values in columns.items()}))
    else:
        path.write_text(f"{','.join(columns)}\n1,2024-01-01,a,b\n")
    options: dict[str, Any] = {"renames": {"orders": {"Mail": "email"}}} if mapped else {}
    (found,) = load(connection, tmp_path, **options)
    assert found.status == "rejected"
    assert "column delivered twice: email (as " in (found.reason or "")
    assert f"`{other}`" in (found.reason or "")


@pytest.mark.parametrize(
    ("entity", "column", "named"),
    [
        ("orders", "status", "order_statuses"),
        ("interactions", "kind", "interaction_kinds"),
        ("interactions", "direction", "directions"),
        ("survey_responses", "kind", "survey_kinds"),
        ("loyalty_entries", "kind", "loyalty_kinds"),
        ("products", "kind", "product_kinds"),
        ("payments", "status", "payment_statuses"),
        ("refunds", "status", "refund_statuses"),
    ],
)
def test_an_unknown_word_stops_its_source(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, entity: str, column: str, named: str
) -> None:
    declared = GENERIC.entities[entity]
    (code,) = [(each.one_of or ("paid",))[0] for each in declared.columns if each.name == column]
    words = [code, "Frobbed", "frobbed", "jana.secret@x.test", "+420 777 123 456"]
    records = [record(entity, at, **{column: word}) for at, word in enumerate(words)]
    found = deliver(connection, tmp_path, entity, records)
    reason = found.reason or ""
    assert (found.status, found.accepted_records) == ("rejected", 0)
    assert reason.startswith(f"{column}: ")
    assert "`Frobbed` in 1 record, `frobbed` in 1 record" in reason or "in 2 records" in reason
    assert "text that is no word in 2 records" in reason
    assert f"map it in seeds/reference/synonyms.csv (list {named})" in reason
    assert "jana" not in reason
    assert "777" not in reason


def test_words_are_compared_without_case_blanks_and_accents(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    words = ["PAGE_VIEW", "page view", "Page-View", " pageview ", "pagé view"]
    records = [record("interactions", at, kind=word) for at, word in enumerate(words)]
    assert deliver(connection, tmp_path, "interactions", records).accepted_records == 5


@pytest.mark.parametrize(
    ("entity", "name", "meant"),
    [
        ("orders", "item_amount", "items_amount"),
        ("orders", "Items amount", "items_amount"),
        ("orders", "e_mail", "email"),
        ("orders", "mail", "email"),
        ("orders", "customer_email", "email"),
        ("orders", "phone_number", "phone"),
        ("orders", "order_status", "status"),
        ("orders", "currency", "currency_code"),
        ("orders", "discount", "discount_amount"),
        ("orders", "shiping_amount", "shipping_amount"),
        ("orders", "update_at", "updated_at"),
        ("orders", "delivered_date", "delivered_at"),
        ("orders", "test", "is_test"),
        ("order_lines", "product", "product_id"),
        ("payments", "payment_status", "status"),
        ("payments", "paid_date", "paid_at"),
        ("contacts", "birthdate", "birth_date"),
        ("contacts", "firstname", "first_name"),
        ("contacts", "country", "country_code"),
        ("reviews", "review_rating", "rating"),
        ("products", "product_category", "category"),
    ],
)
def test_a_column_that_resembles_a_missing_one_is_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, entity: str, name: str, meant: str
) -> None:
    records = [record(entity, at, **{name: "5"}) for at in range(3)]
    found = deliver(connection, tmp_path, entity, records)
    assert found.status == "rejected"
    assert f"unknown column {name.lower()}: is it meant to be {meant}?" in (found.reason or "")
    assert "`renames`" in (found.reason or "")
    # It is understood once it is said: as it is, or as the other. A number is no good value of most columns.
    assert (
        deliver(
            connection, tmp_path, entity, records, build_id="b2", ignored_columns={entity: [name]}
        ).accepted_records
        == 3
    )


@pytest.mark.parametrize(
    ("entity", "names"),
    [
        (
            "orders",
            ["total_amount", "note", "warehouse", "created_at", "customer_type", "cancelled_at"],
        ),
        (
            "orders",
            ["invoice_number", "gross_amount", "payment_method", "shipping_address", "vat_id"],
        ),
        ("contacts", ["notes", "loyalty_tier", "salutation", "zip", "street", "language", "score"]),
        ("order_lines", ["name", "sku", "tax_rate", "line_total", "weight", "variant"]),
        ("reviews", ["helpful_votes", "likes", "photo_url", "locale", "author"]),
    ],
)
def test_other_unknown_columns_are_kept(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, entity: str, names: list[str]
) -> None:
    found = deliver(connection, tmp_path, entity, [record(entity, 1, **dict.fromkeys(names, "5"))])
    assert (found.status, found.reason) == ("loaded", None)


def test_a_column_whose_counterpart_is_delivered_is_no_suspect(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    records = [
        record("orders", 1, email="a@x.test", e_mail="b@x.test", items_amount="1", item_amount="2")
    ]
    assert deliver(connection, tmp_path, "orders", records).status == "loaded"


def test_most_values_of_a_column_bad_stop_the_file_however_few_they_are(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    records = [
        record("orders", at, delivered_at="05.01.2024" if at < 4 else "") for at in range(200)
    ]
    records[5]["delivered_at"] = "2024-01-06"
    found = deliver(connection, tmp_path, "orders", records)
    assert found.status == "rejected"
    assert (found.reason or "").startswith(
        "delivered_at: not a time (ISO 8601) in 4 of 5 records that have it;"
    )


def test_two_bad_values_are_no_class(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    records = [record("orders", at, items_amount="1,5" if at < 2 else "") for at in range(6)]
    assert deliver(connection, tmp_path, "orders", records).accepted_records == 4


def test_mostly_empty_statuses_stop_the_file(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    records = [record("orders", at, status="" if at else "paid") for at in range(4)]
    found = deliver(connection, tmp_path, "orders", records)
    assert "empty, though the column is delivered in 3 of 4 records" in (found.reason or "")
    assert "`defaults`" in (found.reason or "")


def test_ratings_are_stars(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    good = ["3.5", "4,0", "FIVE", "8 of 10", "4/5", "80 %", "9 out of 10", "", "5.0", " 1 "]
    bad = ["0", "5.5", "11/10", "six", "-1", "4 apples", "*"]
    records = [record("reviews", at, rating=value) for at, value in enumerate([*good, *bad])]
    deliver(connection, tmp_path, "reviews", records)
    assert [row[1] for row in quarantine(connection)] == list(
        range(len(good) + 1, len(records) + 1)
    )


def test_a_scale_is_declared(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    records = [
        record("reviews", at, rating=value) for at, value in enumerate(["8", "10", "4/5", "11"])
    ]
    options = {"scales": {"reviews": {"rating": 10}}}
    deliver(connection, tmp_path, "reviews", records, **options)
    assert [row[1] for row in quarantine(connection)] == [4]
    rows = connection.execute("select distinct rating_scale from raw_generic.reviews").fetchall()
    assert rows == [("10",)]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_line_that_names_the_delimiter_is_read(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, first: str, newline: str
) -> None:
    lines = [first, "order_id;ordered_at;campaign", "1;2024-01-01;a,b", "2;yesterday;a,b,c,d", ""]
    (tmp_path / "orders.csv").write_bytes(newline.join(lines).encode())
    (found,) = load(connection, tmp_path)
    assert (found.physical_records, found.accepted_records) == (2, 1)
    assert [row[:2] for row in quarantine(connection)] == [(4, 2)]
