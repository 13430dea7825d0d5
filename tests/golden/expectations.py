"""The expectations of the hand-worked customers: their types, and reading `expected.yaml` with a check that
it is consistent. Does not belong here: reading a warehouse (`checker.py`), and computing a stage: people
worked the expectations out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent
LANDING = FOLDER / "landing"
SYSTEM = "generic"
STAGES = {
    "relationship": ("prospect", "first_purchase", "repeat_purchase", "loyal", "lost"),
    "journey": ("discovery", "education", "purchase", "post_purchase_engagement", "advocacy"),
}
IDENTIFIER_TYPES = ("contact_id", "email", "phone", "external_id")
AMOUNTS = ("gross", "discount", "refund", "net")


@dataclass(frozen=True)
class Interval:
    """One stage interval, half-open; times are UTC without an offset, and an open end is None."""

    stage: str
    valid_from: datetime
    valid_to: datetime | None

    def __str__(self) -> str:
        return f"{self.stage} from {self.valid_from} to {self.valid_to or 'open'}"


@dataclass(frozen=True)
class Identifier:
    """An identifier of a person, normalised; contact ids are those of system `generic`."""

    kind: str
    value: str


@dataclass(frozen=True)
class Customer:
    """One hand-worked customer. `counted_orders` are in order of purchase; `uncounted_orders` are the
    customer's and never count; `money` holds the amounts in EUR that the story is about."""

    key: str
    found_by: tuple[Identifier, ...]
    intervals: dict[str, tuple[Interval, ...]]
    counted_orders: tuple[str, ...]
    uncounted_orders: tuple[str, ...]
    money: dict[str, Decimal]


@dataclass(frozen=True)
class Expected:
    """All expectations: the clock, the customers, the people who are no customers (name to identifiers),
    and the unidentified orders (order id to whether it counts)."""

    as_of: date
    customers: tuple[Customer, ...]
    absent: dict[str, tuple[Identifier, ...]]
    unidentified_orders: dict[str, bool]


def load_expected(path: Path = FOLDER / "expected.yaml") -> Expected:
    """Reads the expectations. Raises ValueError, which names the customer, where they contradict each
    other: a gap between intervals, a stage twice in a row, no reasoning, an unknown name."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Expected(
        as_of=content["as_of"],
        customers=tuple(_customer(key, entry) for key, entry in content["customers"].items()),
        absent={key: _identifiers(key, entry) for key, entry in content["absent"].items()},
        unidentified_orders={
            str(entry["order_id"]): bool(entry["is_counted"])
            for entry in content["unidentified_orders"]
        },
    )


def _customer(key: str, entry: dict[str, Any]) -> Customer:
    known = {"story", "found_by", "counted_orders", "uncounted_orders", "money", *STAGES}
    _require(key, set(entry) <= known, f"unknown entries {sorted(set(entry) - known)}")
    _require(key, bool(str(entry.get("story", "")).strip()), "no story")
    money = {name: Decimal(amount) for name, amount in entry.get("money", {}).items()}
    _require(key, set(money) <= set(AMOUNTS), "an unknown amount")
    if set(money) == set(AMOUNTS):
        balance = money["gross"] - money["discount"] - money["refund"]
        _require(key, balance == money["net"], "net is not gross - discount - refund")
    intervals = {lifecycle: _intervals(key, lifecycle, entry[lifecycle]) for lifecycle in STAGES}
    starts = {ordered[0].valid_from for ordered in intervals.values()}
    _require(key, len(starts) == 1, "the two lifecycles do not start together")
    return Customer(
        key=key,
        found_by=_identifiers(key, entry),
        intervals=intervals,
        counted_orders=tuple(entry["counted_orders"]),
        uncounted_orders=tuple(entry.get("uncounted_orders", [])),
        money=money,
    )


def _identifiers(key: str, entry: dict[str, Any]) -> tuple[Identifier, ...]:
    pairs = [pair for item in entry["found_by"] for pair in item.items()]
    _require(key, bool(pairs), "no identifier")
    _require(key, all(kind in IDENTIFIER_TYPES for kind, _ in pairs), "unknown identifier type")
    return tuple(Identifier(kind, str(value)) for kind, value in pairs)


def _intervals(key: str, lifecycle: str, items: list[dict[str, Any]]) -> tuple[Interval, ...]:
    where = f"{key}, {lifecycle}"
    for item in items:
        _require(where, item["stage"] in STAGES[lifecycle], f"no stage {item['stage']}")
        _require(where, bool(item["because"].strip()), "an interval without its reasoning")
        _require(where, isinstance(item["valid_from"], datetime), "valid_from is not a time")
    ordered = tuple(Interval(item["stage"], item["valid_from"], item["valid_to"]) for item in items)
    _require(where, bool(ordered) and ordered[-1].valid_to is None, "the last interval is not open")
    for earlier, later in pairwise(ordered):
        _require(where, earlier.valid_to == later.valid_from, f"a gap before {later}")
        _require(where, earlier.valid_from < later.valid_from, f"{earlier} has no length")
        _require(where, earlier.stage != later.stage, f"{later.stage} twice in a row")
    return ordered


def _require(where: str, holds: bool, problem: str) -> None:
    if not holds:
        raise ValueError(f"expected.yaml, {where}: {problem}")
