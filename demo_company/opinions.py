"""Reviews, survey answers, referrals and loyalty points. Belongs here: the facts of each, and the record
that a system exports. Does not belong here: chances. Every class has `at` (UTC), `key` (its id, assigned
when a batch is numbered) and `row`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from demo_company.orders import Name, Order, Row, key_of
from demo_company.plan import known_by, local_stamp, stamp


@dataclass(slots=True)
class Review:
    """A review. An edited review had the rating `rating_before` until `edited_at`."""

    at: datetime
    name: Name
    rating: int
    title: str
    body: str
    platform: str
    order: Order | None = None
    product_id: str = ""
    is_public: bool | None = True
    is_verified: bool = True
    reply_at: datetime | None = None
    edited_at: datetime | None = None
    rating_before: int = 0
    key: str = ""

    def changes(self) -> list[datetime]:
        """The moments at which the exported record changed."""
        moments = (self.at, self.reply_at, self.edited_at)
        return [moment for moment in moments if moment is not None]

    def cut(self, closes: datetime) -> None:
        """Drops what happens at or after the export's instant."""
        self.reply_at = known_by(self.reply_at, closes)
        if self.edited_at is not None and self.edited_at >= closes:
            self.rating, self.edited_at = self.rating_before, None

    def row(self, known: datetime) -> Row:
        """The record as known just before a moment."""
        unedited = self.edited_at is not None and self.edited_at >= known
        public = "" if self.is_public is None else str(self.is_public).lower()
        return (
            *(self.key, local_stamp(self.at), *self.name, key_of(self.order), self.product_id),
            str(self.rating_before if unedited else self.rating),
            *(self.title, self.body, self.platform, public, str(self.is_verified).lower()),
            local_stamp(known_by(self.reply_at, known)),
        )


@dataclass(slots=True)
class Answer:
    """An answer to a survey: nps 0 to 10, csat 1 to 5, ces 1 to 7."""

    at: datetime
    name: Name
    kind: str
    score: int
    order: Order | None = None
    comment: str = ""
    key: str = ""

    def row(self, known: datetime) -> Row:
        """The record; it never changes."""
        row = (self.kind, str(self.score), key_of(self.order), self.comment)
        return (self.key, stamp(self.at), *self.name, *row)


@dataclass(slots=True)
class Referral:
    """A recommended friend, who is named only by what the referrer gave."""

    at: datetime
    name: Name
    friend_email: str
    friend_contact_id: str = ""
    order: Order | None = None
    key: str = ""

    def row(self, known: datetime) -> Row:
        """The record; it never changes."""
        friend = (self.friend_email, self.friend_contact_id, key_of(self.order))
        return (self.key, stamp(self.at), *self.name, *friend)


@dataclass(slots=True)
class LoyaltyEntry:
    """Points earned (positive), redeemed or expired (negative)."""

    at: datetime
    name: Name
    kind: str
    points: int
    tier: str
    order: Order | None = None
    key: str = ""

    def row(self, known: datetime) -> Row:
        """The record; it never changes."""
        row = (self.kind, str(self.points), key_of(self.order), self.tier)
        return (self.key, stamp(self.at), *self.name, *row)
