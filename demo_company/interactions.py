"""Interactions, tickets and checkouts. Belongs here: the facts of each, and the record that a system
exports at a moment. Does not belong here: chances. Every class has `at` (UTC), `key` (its id, assigned
when a batch is numbered) and `row`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from demo_company.orders import Name, Order, Row, key_of
from demo_company.plan import known_by, money, stamp


@dataclass(slots=True)
class Interaction:
    """A page view, an inquiry, a mail and so on; `sentiment` is in hundredths, -100 to 100."""

    at: datetime
    name: Name
    kind: str
    direction: str = "inbound"
    channel: str = "web"
    campaign: str = ""
    content: str = ""
    sentiment: int | None = None
    outcome: str = ""
    key: str = ""

    def row(self, known: datetime) -> Row:
        """The record; it never changes."""
        sentiment = "" if self.sentiment is None else f"{self.sentiment / 100:.2f}"
        return (
            *(self.key, stamp(self.at), *self.name, self.kind, self.direction, self.channel),
            *(self.campaign, self.content, sentiment, self.outcome),
        )


@dataclass(slots=True)
class Ticket:
    """A support ticket, which is answered and resolved later or never."""

    at: datetime
    name: Name
    topic: str
    order: Order | None = None
    answered_at: datetime | None = None
    resolved_at: datetime | None = None
    satisfaction: int | None = None
    key: str = ""

    def changes(self) -> list[datetime]:
        """The moments at which the exported record changed."""
        moments = (self.at, self.answered_at, self.resolved_at)
        return [moment for moment in moments if moment is not None]

    def cut(self, closes: datetime) -> None:
        """Drops what happens at or after the export's instant."""
        self.answered_at = known_by(self.answered_at, closes)
        self.resolved_at = known_by(self.resolved_at, closes)

    def row(self, known: datetime) -> Row:
        """The record as known just before a moment."""
        resolved_at = known_by(self.resolved_at, known)
        is_rated = resolved_at is not None and self.satisfaction is not None
        return (
            *(self.key, stamp(self.at), *self.name, key_of(self.order), self.topic),
            *(stamp(known_by(self.answered_at, known)), stamp(resolved_at)),
            str(self.satisfaction) if is_rated else "",
        )


@dataclass(slots=True)
class Checkout:
    """A checkout; `order` is the order it led to, if the cart tool knows it."""

    at: datetime
    name: Name
    amount: int
    shipping_at: datetime | None = None
    payment_at: datetime | None = None
    completed_at: datetime | None = None
    abandoned_at: datetime | None = None
    order: Order | None = None
    key: str = ""

    def changes(self) -> list[datetime]:
        """The moments at which the exported record changed."""
        moments = (self.at, self.shipping_at, self.payment_at, self.completed_at, self.abandoned_at)
        return [moment for moment in moments if moment is not None]

    def cut(self, closes: datetime) -> None:
        """Drops what happens at or after the export's instant."""
        self.shipping_at = known_by(self.shipping_at, closes)
        self.payment_at = known_by(self.payment_at, closes)
        self.completed_at = known_by(self.completed_at, closes)
        self.abandoned_at = known_by(self.abandoned_at, closes)
        if self.order is not None and self.order.at >= closes:
            self.order = None

    def row(self, known: datetime) -> Row:
        """The record as known just before a moment."""
        ordered = self.order is not None and self.order.at < known
        return (
            *(self.key, stamp(self.at), *self.name, stamp(known_by(self.shipping_at, known))),
            stamp(known_by(self.payment_at, known)),
            stamp(known_by(self.completed_at, known)),
            stamp(known_by(self.abandoned_at, known)),
            *(key_of(self.order) if ordered else "", money(self.amount)),
        )
