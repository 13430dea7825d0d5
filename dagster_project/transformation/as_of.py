"""The build's logical end. Belongs here: which of its possible sources takes precedence. Does not belong
here: reading any of them."""

from __future__ import annotations

from datetime import date, timedelta

from dagster_project.errors import UserError


def resolve_as_of(
    *,
    asked: date | None,
    setting: date | None,
    partition: date | None,
    newest_record: date | None,
) -> date:
    """The UTC date before which everything counts: the command's option, else the setting, else the end of
    the nightly partition, else the day after the newest record. Raises UserError when none is known."""
    if asked is not None:
        return asked
    if setting is not None:
        return setting
    if partition is not None:
        return partition + timedelta(days=1)
    if newest_record is not None:
        return newest_record + timedelta(days=1)
    raise UserError(
        "No record with a time has arrived, so the build has no date.",
        where="the landing folders of the enabled systems",
        todo="Deliver at least one record, or set LIFECYCLE_AS_OF.",
    )
