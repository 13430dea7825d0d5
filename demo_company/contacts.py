"""A contact in the CRM. Belongs here: its facts, and its record as the CRM exports it at a moment. Does
not belong here: who has which contacts (`people.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from demo_company.orders import Row
from demo_company.plan import known_by, stamp


@dataclass(slots=True)
class Contact:
    """A person's entry in the CRM, created at `at`. `details` are the columns from first name to country
    code. A changed e-mail was `email_before` until `email_changed_at`."""

    at: datetime
    key: str
    email: str
    phone: str
    card: str
    details: tuple[str, ...]
    channel: str
    campaign: str
    consent: bool
    email_before: str = ""
    email_changed_at: datetime | None = None
    referred_by: str = ""
    exit_reason: str = ""
    exited_at: datetime | None = None
    deleted_at: datetime | None = None

    def changes(self) -> list[datetime]:
        """The moments at which the exported record changed."""
        moments = (self.at, self.email_changed_at, self.exited_at, self.deleted_at)
        return [moment for moment in moments if moment is not None]

    def cut(self, closes: datetime) -> None:
        """Drops what happens at or after the export's instant."""
        if self.email_changed_at is not None and self.email_changed_at >= closes:
            self.email, self.email_changed_at = self.email_before, None
        self.exited_at = known_by(self.exited_at, closes)
        self.deleted_at = known_by(self.deleted_at, closes)

    def row(self, known: datetime) -> Row:
        """The record as known just before a moment."""
        changed = self.email_changed_at
        email = self.email if changed is None or changed < known else self.email_before
        gone = self.exited_at is not None and self.exited_at < known
        deleted = self.deleted_at is not None and self.deleted_at < known
        updated_at = max(moment for moment in self.changes() if moment < known)
        return (
            *(self.key, stamp(self.at), email, self.phone, self.card, *self.details),
            *(self.channel, self.campaign, self.referred_by, "lost" if gone else "active"),
            *(self.exit_reason if gone else "", stamp(self.exited_at) if gone else ""),
            *("true" if self.consent else "false", stamp(updated_at)),
            stamp(self.deleted_at) if deleted else "",
        )
