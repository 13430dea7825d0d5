"""Reads the delivered files a second time, in plain Python and independently of the product: latest versions,
identity resolution, orders and their amounts. Belongs here: what the recomputations of several marts share.
Does not belong here: SQL, a model's code, expectations."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.support.installation import ROOT, Installation

Record = dict[str, Any]
CENT = Decimal("0.01")
# The columns that identify a record, its required time, and the column that orders its versions.
ENTITIES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "contacts": (("contact_id",), "created_at", "updated_at"),
    "interactions": (("interaction_id",), "occurred_at", ""),
    "support_tickets": (("ticket_id",), "opened_at", ""),
    "orders": (("order_id",), "ordered_at", "updated_at"),
    "order_lines": (("order_id", "line_number"), "", ""),
    "payments": (("payment_id",), "", ""),
    "refunds": (("refund_id",), "refunded_at", ""),
    "checkouts": (("checkout_id",), "started_at", ""),
    "reviews": (("review_id",), "reviewed_at", ""),
    "survey_responses": (("response_id",), "responded_at", ""),
    "referrals": (("referral_id",), "referred_at", ""),
    "loyalty_entries": (("entry_id",), "occurred_at", ""),
    "currency_rates": (("rate_date", "currency_code"), "", ""),
    "products": (("product_id",), "", ""),
}
OF_PEOPLE = tuple(
    name
    for name in ENTITIES
    if name not in ("order_lines", "payments", "refunds", "currency_rates", "products")
)
NUMBERS = {
    "order_lines": ("quantity", "unit_price", "discount_amount"),
    "payments": ("amount",),
    "refunds": ("amount",),
    "loyalty_entries": ("points",),
    "survey_responses": ("score",),
}
STATUSES = {"placed", "returned", "cancelled", "failed"}
PAID = {"paid", "shipped", "delivered", "completed"}
RECEIVED = {"", "paid", "captured", "succeeded", "completed", "settled"}
MOST_CONTACTS = 5


def moment(text: str | None) -> datetime | None:
    """A delivered time in UTC without an offset; None for an empty text."""
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def cents(value: Decimal) -> Decimal:
    """The value rounded to cents, half away from zero."""
    return value.quantize(CENT, ROUND_HALF_UP)


@dataclass
class Order:
    """An order in the reporting currency."""

    order_id: str
    customer: str | None
    ordered_at: datetime
    delivered_at: datetime | None
    promised_at: datetime | None
    status: str
    items: Decimal
    discount: Decimal
    refund: Decimal
    is_counted: bool

    @property
    def net(self) -> Decimal:
        return self.items - self.discount - self.refund


@dataclass
class LostInterval:
    """An interval in `lost`, with the number of orders so far."""

    customer: str
    number: int
    orders: list[Order]
    lost_at: datetime
    returned_at: datetime | None


@dataclass
class Delivered:
    """The records that one system delivered in the generic format, as known at `as_of`."""

    folder: Path
    as_of: datetime
    customer_ids: dict[tuple[str, str], str] = field(repr=False)
    currency: str = "EUR"

    @cached_property
    def records(self) -> dict[str, list[Record]]:
        """The latest version of every good record, per entity."""
        return {entity: self._latest(entity) for entity in ENTITIES}

    def of(self, entity: str) -> list[Record]:
        """The entity's records that happened before as_of, with their customer."""
        time = ENTITIES[entity][1]
        found = []
        for record in self.records[entity]:
            at = moment(record[time])
            assert at is not None
            if at < self.as_of:
                found.append({**record, "at": at, "customer": self.customer(record)})
        return sorted(found, key=lambda record: (record["at"], record[ENTITIES[entity][0][0]]))

    def before(self, text: str | None) -> datetime | None:
        """A time, if it lies before as_of."""
        at = moment(text)
        return at if at is not None and at < self.as_of else None

    def _latest(self, entity: str) -> list[Record]:
        key, time, newest = ENTITIES[entity]
        versions: dict[tuple[str, ...], tuple[Any, Record]] = {}
        files = sorted(
            [*self.folder.glob(f"{entity}.*"), *(self.folder / entity).glob("*")], key=str
        )
        for number, path in enumerate(files):
            for row, record in enumerate(_rows(path)):
                if not _is_good(entity, record, key, time):
                    continue
                version = (
                    moment(record.get(newest)) or datetime.min,
                    number,
                    row,
                )
                name = tuple(record[column] for column in key)
                if name not in versions or versions[name][0] < version:
                    versions[name] = (version, record)
        return [record for _, record in versions.values()]

    @cached_property
    def _components(self) -> dict[tuple[str, str], tuple[str, str]]:
        contacts = defaultdict(set)
        people = [record for entity in OF_PEOPLE for record in self.records[entity]]
        for record in people:
            for name in _identifiers(record):
                if record.get("contact_id"):
                    contacts[name].add(record["contact_id"])
        parent: dict[tuple[str, str], tuple[str, str]] = {}

        def root(name: tuple[str, str]) -> tuple[str, str]:
            while parent.setdefault(name, name) != name:
                name = parent[name]
            return name

        for record in people:
            names = self._joining(_identifiers(record), contacts)
            for name in names:
                parent[root(name)] = root(names[0])
        self._contacts = contacts
        return {name: root(name) for name in list(parent)}

    @staticmethod
    def _joining(
        names: list[tuple[str, str]], contacts: dict[tuple[str, str], set[str]]
    ) -> list[tuple[str, str]]:
        alone = [n for n in names if n[0] == "contact_id" or len(contacts[n]) <= MOST_CONTACTS]
        return alone or names

    @cached_property
    def _customers(self) -> dict[tuple[str, str], str]:
        """The customer id of every component. All of its identifiers must lead to the same id."""
        found: dict[tuple[str, str], str] = {}
        for name, first in self._components.items():
            if name in self.customer_ids:
                assert found.setdefault(first, self.customer_ids[name]) == self.customer_ids[name]
        return found

    def customer(self, record: Record) -> str | None:
        """The customer a record belongs to."""
        components = self._components
        names = self._joining(_identifiers(record), self._contacts)
        return self._customers.get(components[names[0]]) if names else None

    @cached_property
    def orders(self) -> list[Order]:
        """Every order placed before as_of, in order of time and id."""
        lines, payments, refunds = (defaultdict(list) for _ in range(3))
        for kept, entity in ((lines, "order_lines"), (payments, "payments"), (refunds, "refunds")):
            for record in self.records[entity]:
                kept[record["order_id"]].append(record)
        return [
            self._order(o, lines[o["order_id"]], payments[o["order_id"]], refunds[o["order_id"]])
            for o in self.of("orders")
        ]

    def _order(
        self, order: Record, lines: list[Record], payments: list[Record], refunds: list[Record]
    ) -> Order:
        status = (order.get("status") or "completed").lower()
        received = sum(
            (
                cents(Decimal(p["amount"]))
                for p in payments
                if (p.get("status") or "").lower() in RECEIVED
                and (not p.get("paid_at") or self.before(p["paid_at"]))
            ),
            Decimal(0),
        )
        given_back = [
            (at, cents(Decimal(r.get("items_amount") or r["amount"])))  # goods, without their tax
            for r in refunds
            if (at := self.before(r["refunded_at"]))
        ]
        shipping = cents(Decimal(order.get("shipping_amount") or 0))
        tax = cents(Decimal(order.get("tax_amount") or 0))
        discounts = [Decimal(x["discount_amount"]) for x in lines if x.get("discount_amount")]
        discount = cents(Decimal(order.get("discount_amount") or sum(discounts, Decimal(0))))
        if order.get("items_amount"):
            items = cents(Decimal(order["items_amount"]))
        elif lines:
            items = cents(
                sum((Decimal(x["quantity"]) * Decimal(x["unit_price"]) for x in lines), Decimal(0))
            )
        else:
            items = max(received - shipping - tax + discount, Decimal(0))
        due = items - discount
        refunded = sum((amount for _, amount in given_back), Decimal(0))
        is_counted = (
            status in PAID or (status == "placed" and 0 < received >= due + shipping + tax)
        ) and 0 < due > refunded
        currency = (order.get("currency_code") or self.currency).upper()
        at = order["at"]
        rate = self._rate(currency, at.date())
        delivered = moment(order.get("delivered_at")) or (
            at if status in ("delivered", "completed", "returned") else None
        )
        if delivered is not None:
            delivered = max(delivered, at)
            if status in ("cancelled", "failed") or delivered >= self.as_of:
                delivered = None
        return Order(
            order["order_id"],
            order["customer"],
            at,
            delivered,
            moment(order.get("promised_at")),
            status,
            cents(items * rate),
            cents(discount * rate),
            sum(
                (cents(amount * self._rate(currency, when.date())) for when, amount in given_back),
                Decimal("0.00"),
            ),
            is_counted,
        )

    @cached_property
    def _rates(self) -> dict[str, dict[date, Decimal]]:
        rates: dict[str, dict[date, Decimal]] = defaultdict(dict)
        for record in self.records["currency_rates"]:
            day = date.fromisoformat(record["rate_date"])
            rates[record["currency_code"].upper()][day] = Decimal(record["rate"])
        return rates

    def _rate(self, currency: str, day: date) -> Decimal:
        if currency == self.currency:
            return Decimal(1)
        known = self._rates[currency]
        past = [each for each in known if each <= day]
        return known[max(past) if past else min(known)]

    @cached_property
    def bought(self) -> dict[str, list[Order]]:
        """The counted orders of every customer, in order of time."""
        found: dict[str, list[Order]] = defaultdict(list)
        for order in sorted(self.orders, key=lambda each: (each.ordered_at, each.order_id)):
            if order.is_counted and order.customer:
                found[order.customer].append(order)
        return found

    @cached_property
    def lost(self) -> list[LostInterval]:
        """Every interval in `lost`, by the rules of docs/definitions.md."""
        intervals = []
        for customer, orders in self.bought.items():
            number = 0
            for k, order in enumerate(orders, start=1):
                following = orders[k].ordered_at if k < len(orders) else None
                ends_at = order.ordered_at + timedelta(days=lapse_window(orders[:k]))
                if ends_at < self.as_of and (following is None or following > ends_at):
                    number += 1
                    intervals.append(LostInterval(customer, number, orders[:k], ends_at, following))
        return intervals


def lapse_window(orders: list[Order]) -> int:
    """The lapse window in days after the last of these orders, a customer's first ones."""
    if len(orders) < 3:
        return 180
    seconds = int((orders[-1].ordered_at - orders[0].ordered_at).total_seconds())
    return min(max(3 * seconds // (86400 * (len(orders) - 1)), 60), 365)


def _rows(path: Path) -> list[Record]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = content.decode("utf-8-sig", errors="surrogateescape")
    if ".jsonl" in path.name:
        found = []
        for line in text.split("\n"):
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict):
                found.append({k: "" if v is None else str(v) for k, v in record.items()})
        return found
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader)
    return [dict(zip(header, row, strict=True)) for row in reader if len(row) == len(header)]


def _is_good(entity: str, record: Record, key: tuple[str, ...], time: str) -> bool:
    """Whether ingestion must accept the record: the few rules that the demo's bad records break."""
    if any("\udc80" <= letter <= "\udcff" for value in record.values() for letter in value):
        return False
    if not all(record.get(column) for column in key):
        return False
    try:
        if time and moment(record.get(time)) is None:
            return False
        for column in NUMBERS.get(entity, ()):
            if record.get(column):
                Decimal(record[column])
    except (ValueError, ArithmeticError):
        return False
    if entity == "orders" and record.get("currency_code", "") not in {"", "EUR", "CZK"}:
        return False
    return entity != "reviews" or 1 <= int(record["rating"]) <= 5


def _identifiers(record: Record) -> list[tuple[str, str]]:
    phone = "".join(c for c in record.get("phone") or "" if c in "+0123456789")
    phone = "+" + phone[2:] if phone.startswith("00") else phone
    email = (record.get("email") or "").strip().lower()
    names = [
        ("contact_id", record.get("contact_id") or ""),
        ("external_id", record.get("external_id") or ""),
        ("email", email if "@" in email else ""),
        ("phone", phone),
    ]
    return [name for name in names if name[1]]


def delivered_to(installation: Installation) -> Delivered:
    """What was delivered to the demo or the golden installation (tests/conftest.py)."""
    is_golden = "LANDING" in installation.settings
    folder = "tests/golden/landing/generic" if is_golden else "seeds/demo/demo"
    as_of = datetime(2025, 7, 1) if is_golden else datetime(2026, 1, 1)
    with installation.private() as connection:
        # Customer ids are keyed pseudonyms, so that no file holds them.
        rows = connection.execute(
            "select identifier_type, identifier, customer_id"
            " from intermediate.int_customer_identifiers"
        ).fetchall()
    return Delivered(
        ROOT / folder, as_of, {(kind, name): customer for kind, name, customer in rows}
    )


def reference(seed: str) -> list[Record]:
    """The rows of a seed of seeds/reference/."""
    path = ROOT / "seeds" / "reference" / f"{seed}.csv"
    return list(csv.DictReader(io.StringIO(path.read_text())))


def share(part: int | Decimal, whole: int) -> Decimal | None:
    """A share as marts hold it, to the millionth; None when the whole is 0."""
    if not whole:
        return None
    return (Decimal(part) / whole).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def middle(values: list[int], unit: int) -> Decimal | None:
    """The median of whole numbers, in a larger unit and to the millionth; None without numbers."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    twice = ordered[half] * 2 if len(values) % 2 else ordered[half - 1] + ordered[half]
    return share(twice, 2 * unit)
