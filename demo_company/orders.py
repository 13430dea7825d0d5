"""An order as it truly went, with its lines, payments and refunds. Belongs here: its facts, and the
records that a system exports at a moment. Does not belong here: chances (`buying.py`) and which orders
count (`accounts.py`). Amounts are whole cents of the order's currency."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from demo_company.plan import money, stamp

Row = tuple[str, ...]


class Name(NamedTuple):
    """The identifiers of a person as a record spells them; empty means not given."""

    contact_id: str = ""
    email: str = ""
    phone: str = ""
    external_id: str = ""


UNIDENTIFIED = Name()


class Product(NamedTuple):
    """A product; price and unit cost are in cents of EUR."""

    product_id: str
    name: str
    category: str
    brand: str
    price: int
    unit_cost: int


@dataclass(slots=True)
class Line:
    """One order line. A `discount` of None means that lines export no discount."""

    product: Product
    quantity: int
    unit_price: int
    discount: int | None
    unit_cost: int


@dataclass(slots=True)
class Payment:
    """A payment requested at `at`; before `paid_at` it is exported as pending. A `paid_at` of None with a
    final status means that the till exports no time."""

    at: datetime
    amount: int
    method: str
    status: str
    paid_at: datetime | None
    order: Order
    key: str = ""

    def changes(self) -> list[datetime]:
        """The moments at which the exported record changed."""
        return [self.at] if self.paid_at is None else [self.at, self.paid_at]

    def row(self, known: datetime) -> Row:
        """The record as known just before a moment."""
        waiting = self.paid_at is not None and self.paid_at >= known
        paid_at, status = (None, "pending") if waiting else (self.paid_at, self.status)
        order_id = self.order.key
        return (self.key, order_id, stamp(paid_at), self.method, money(self.amount), status)


@dataclass(slots=True)
class Refund:
    """Money given back for an order, in the order's currency: goods, their tax, and shipping."""

    at: datetime
    goods: int
    shipping: int
    reason: str
    order: Order
    key: str = ""

    @property
    def tax(self) -> int:
        """The tax of these goods, rounded half up."""
        whole = self.order.items - self.order.discount
        return (2 * self.goods * self.order.tax + whole) // (2 * whole) if whole else 0

    def row(self, known: datetime) -> Row:
        """The record; it never changes."""
        parts = (self.goods, self.tax, self.shipping)
        return (
            *(self.key, self.order.key, stamp(self.at), money(sum(parts))),
            *map(money, parts),
            self.reason,
        )


@dataclass(slots=True)
class Order:
    """An order. `steps` are its statuses, in order of time. The `exports_` flags are what the shop
    exports: the status, the sum of items, the order's discount, the lines."""

    at: datetime
    name: Name
    currency: str
    channel: str
    lines: list[Line]
    discount: int
    shipping: int
    tax: int
    steps: list[tuple[datetime, str]]
    promised_at: datetime | None = None
    delivered_at: datetime | None = None
    campaign: str = ""
    coupon: str = ""
    exports_status: bool = True
    exports_items: bool = True
    exports_discount: bool = True
    exports_lines: bool = True
    payments: list[Payment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    key: str = ""

    @property
    def items(self) -> int:
        """The sum of the lines before discounts."""
        return sum(line.quantity * line.unit_price for line in self.lines)

    @property
    def total(self) -> int:
        """The amount that the customer has to pay."""
        return self.items - self.discount + self.shipping + self.tax

    @property
    def status(self) -> str:
        """The last status, as exported at the end."""
        return self.steps[-1][1]

    @property
    def exported_status(self) -> str:
        """The last status as a reader understands it: a missing status means completed."""
        return self.status if self.exports_status else "completed"

    def cut(self, closes: datetime) -> None:
        """Drops what happens at or after the export's instant."""
        self.steps = [step for step in self.steps if step[0] < closes]
        if self.delivered_at is not None and self.delivered_at >= closes:
            self.delivered_at = None
        self.refunds = [refund for refund in self.refunds if refund.at < closes]
        for payment in self.payments:
            if payment.paid_at is not None and payment.paid_at >= closes:
                payment.paid_at, payment.status = None, "pending"

    def changes(self) -> list[datetime]:
        """The moments at which the exported record changed."""
        return [moment for moment, _ in self.steps]

    def row(self, known: datetime) -> Row:
        """The record as known just before a moment."""
        updated_at, status = next(step for step in reversed(self.steps) if step[0] < known)
        delivered_at = self.delivered_at
        if delivered_at is not None and delivered_at >= known:
            delivered_at = None
        return (
            self.key,
            stamp(self.at),
            *self.name,
            status if self.exports_status else "",
            self.currency,
            money(self.items) if self.exports_items else "",
            money(self.discount) if self.exports_discount else "",
            money(self.shipping),
            money(self.tax),
            stamp(delivered_at),
            stamp(self.promised_at),
            self.channel,
            self.campaign,
            self.coupon,
            stamp(updated_at),
        )

    def line_rows(self) -> list[Row]:
        """The order's lines as exported."""
        if not self.exports_lines:
            return []
        return [
            (
                self.key,
                str(number),
                line.product.product_id,
                str(line.quantity),
                money(line.unit_price),
                money(line.discount),
                money(line.unit_cost),
            )
            for number, line in enumerate(self.lines, start=1)
        ]


def key_of(order: Order | None) -> str:
    """The order's id as other records refer to it; empty for none."""
    return "" if order is None else order.key
