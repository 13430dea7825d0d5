"""Errors that a user can act on. Belongs here: the exception types that the command line and
Dagster show without a stack trace. Does not belong here: how they are shown (`cli/`)."""

from __future__ import annotations


class UserError(Exception):
    """Something a person must change. Carries what happened, where, and what to do about it.

    Attributes:
        what: one sentence, no personal data.
        where: the file, folder, setting or table concerned.
        todo: what the user should do next.
    """

    def __init__(self, what: str, *, where: str, todo: str) -> None:
        self.what, self.where, self.todo = what, where, todo
        super().__init__(f"{what}\n  where: {where}\n  to do: {todo}")


class SettingError(UserError):
    """A setting has an unknown name or a value that cannot be used."""


class DeliveryError(UserError):
    """A delivered file, folder or system cannot be ingested."""


class BusyError(UserError):
    """Another build is writing to the warehouse."""


class CheckFailedError(UserError):
    """A blocking quality check failed; the served build is unchanged."""
