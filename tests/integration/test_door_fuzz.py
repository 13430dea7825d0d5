"""Nothing that passes the door stops a model. Belongs here: records of all entities drawn from the ends of
each column's accepted range, and from the refused values beside them. Does not belong here: what the models
make of it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dagster_project.ingestion import Column, load_format
from dagster_project.ingestion.rules import BOOLEANS
from dagster_project.ingestion.words import word_codes
from dagster_project.warehouse import Warehouse
from tests.support.incremental_runs import Company

GENERIC = load_format("generic")
LOADED_AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
AS_OF = date(2026, 6, 2)
RECORDS = 720  # of each of the 14 entities
ORDERS, PRODUCTS, PEOPLE = 300, 40, 12
BAD_SHARE = 0.02
Record = dict[str, Any]

PAST = [
    "1995-01-01",
    "1995-01-01T00:00:00Z",
    "2026-06-02T11:59:59.999999Z",
    "2026-06-02T02:00:00+14:00",
]
PAST += ["2024-02-29 23:59:59-12:00", "2025-10-26T02:30:00.123456789+02:00", "2026-06-01"]
TIMES_AHEAD = [*PAST, "2199-12-31T23:59:59Z", "2200-01-01"]
BAD_TIMES = [
    "epoch",
    "infinity",
    "-infinity",
    "2024-01-01T10:00:00+25:00",
    "1994-12-31T23:59:59Z",
    "today",
]
BAD_TIMES += [
    "2024-02-30",
    "2200-01-01T00:00:01Z",
    "9999-12-31",
    "20240101",
    "2024-01-01 10:00:00 Europe/Prague",
]
TEXTS = [
    "",
    None,
    "x",
    "a" * 4000,
    "\u200bž\u00a0ů",
    "quote \" and ' and\nline",
    "👍🏽",
    "null",
    "-1",
    "|",
    "%",
]
BAD_NUMBERS = ["1e12", "nan", "inf", "0x1F", "1,5", "12 Kč", "--5", "1e99"]
RATINGS = ["1", "5", "3.5", "4,0", "FIVE", "0 of 10", "1000/1000", "0 %", "4.999", None, ""]
SCALED = [("0", "2"), ("2", "2"), ("1000", "1000"), ("7,5", "10"), ("five", "10"), ("3/4", "10")]
BAD_RATINGS = ["0", "5.1", "-1", "11/10", "six", "4 apples", "1e400", "9/0", "/5"]
NOTHING: list[Any] = [None]
CURRENCIES = ["EUR", "eur", "CZK", "KWD", "JPY", None]


def extremes(column: Column) -> list[Any]:
    """Values at the ends of what a column accepts."""
    if column.type == "time":
        return [
            *(TIMES_AHEAD if column.may_be_ahead else PAST),
            *([] if column.required else [None]),
        ]
    if column.type == "date":
        first = str(column.earliest or "1995-01-01")
        last = "2200-01-01" if column.may_be_ahead else "2026-06-02"
        return [first, last, "2024-02-29", *([] if column.required else [None])]
    if column.type in ("decimal", "integer"):
        low, high = column.minimum or Decimal(0), column.maximum or Decimal(0)
        tiny = (
            Decimal("0.000001") if column.type == "decimal" and low < Decimal("0.000001") else low
        )
        return [f"{value:f}" for value in (low, high, tiny)] + ([] if column.required else [None])
    if column.type == "boolean":
        return ["TRUE", *BOOLEANS, *NOTHING]
    if column.type == "stars":
        return RATINGS
    if column.type == "currency":
        return [each for each in CURRENCIES if each or not column.required]
    if column.one_of or column.words:
        codes = list(column.one_of) or sorted(word_codes()[column.words or ""])
        return codes if column.required or column.never_empty else [*codes, None]
    return TEXTS


def refused(column: Column) -> list[Any]:
    """Values just beyond what a column accepts."""
    if column.type in ("time", "date"):
        if column.type == "date":
            return ["1899-12-31", "2200-01-02", "infinity", "tomorrow"]
        late = [] if column.may_be_ahead else ["2026-06-02T12:00:01Z", "2030-01-01"]
        return [*BAD_TIMES, *late]
    if column.type == "decimal":
        beyond = [f"{column.maximum + 1:f}"] if column.maximum is not None else []
        below = [f"{column.minimum - 1:f}"] if column.minimum is not None else []
        return [*BAD_NUMBERS, *beyond, *below]
    if column.type == "integer":
        return ["1.5", "1", "1001"]
    return {
        "stars": BAD_RATINGS,
        "currency": ["Euros", "XXX", "QQQ", "€"],
        "boolean": ["maybe", "2"],
    }.get(column.type, ["\u200b\u00a0", " \t", "\ufeff"] if column.required else [])


def breaks_a_rule_between_columns(record: Mapping[str, Any]) -> bool:
    """The rules of `refused` in the format, once more."""
    number = {
        name: Decimal(record.get(name) or 0)
        for name in ("quantity", "unit_price", "unit_cost", "points", "score")
    }
    return (
        number["quantity"] * max(number["unit_price"], number["unit_cost"]) > 10**9
        or (record.get("kind") == "nps" and number["score"] > 10)
        or (record.get("kind") == "earn" and number["points"] < 0)
    )


def draw(entity: str, number: int, dice: random.Random) -> tuple[Record, bool]:
    """A record, and whether the door must refuse it."""
    declared = GENERIC.entities[entity]
    record: Record = {column.name: dice.choice(extremes(column)) for column in declared.columns}
    record |= {name: None for name in ("deleted_at", "updated_at") if dice.random() < 0.7}
    person = dice.randrange(PEOPLE)
    record |= {
        name: value
        for name, value in (
            ("contact_id", f"c{person}"),
            ("email", f"p{person}@x.test"),
            ("phone", f"+42060000{person:04}"),
            ("external_id", f"e{person}"),
            ("order_id", f"o{dice.randrange(ORDERS)}"),
            ("product_id", f"p{dice.randrange(PRODUCTS)}"),
            ("merged_into", None),
        )
        if name in record
    }
    for name in ("rating_scale", "satisfaction_scale"):
        if name in record:
            rated = name.removesuffix("_scale")
            record[name] = None
            if dice.random() < 0.3:
                record[rated], record[name] = dice.choice(SCALED)
    for name in declared.key:
        if name not in ("rate_date", "currency_code"):
            record[name] = f"{name[0]}{number}"
    if entity == "order_lines":
        record["order_id"] = f"o{number % ORDERS}"
    if entity == "currency_rates":  # a day's rate is delivered once
        record["rate_date"] = (
            f"{1996 + number // 336}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"
        )
    if breaks_a_rule_between_columns(record):
        return record, True
    faults = [column for column in declared.columns if refused(column)]
    if dice.random() < BAD_SHARE:
        column = dice.choice(faults)
        record |= {name: None for name in record if name.endswith("_scale")}
        record[column.name] = dice.choice(refused(column))
        return record, True
    return record, False


@pytest.mark.slow
def test_what_passes_the_door_passes_every_model(tmp_path: Path) -> None:
    dice = random.Random(21)
    delivery: dict[str, list[Record]] = {}
    expected: dict[str, list[int]] = {}
    for entity in GENERIC.entities:
        drawn = [draw(entity, number, dice) for number in range(RECORDS)]
        delivery[entity] = [record for record, _ in drawn]
        expected[entity] = [at for at, (_, is_bad) in enumerate(drawn, start=1) if is_bad]
    company = Company(tmp_path)
    company.run(delivery, AS_OF, loaded_at=LOADED_AT)
    with Warehouse(company.settings).connect(read_only=True) as connection:
        rejected = connection.execute(
            "select entity, reason from ingest.loads where status = 'rejected'"
        ).fetchall()
        assert rejected == []
        found = connection.execute(
            "select entity, list(record_number order by record_number), bool_and(reason like '%: %')"
            " from ingest.quarantine group by entity"
        ).fetchall()
    assert {entity: numbers for entity, numbers, _ in found} == {
        entity: numbers for entity, numbers in expected.items() if numbers
    }
    assert all(has_reason for *_, has_reason in found)
