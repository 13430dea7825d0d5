"""The build's logical end. Belongs here: what it is when nobody asked for a date. Does not belong here: reading
what was asked for (`resources.py`)."""

from __future__ import annotations

from datetime import date, timedelta

from dagster_project.errors import UserError


def resolve_as_of(*, requested: date | None, newest_record: date | None) -> date:
    """The UTC date before which everything counts: the requested one, else the day after the newest record.
    Raises UserError when there is no record at all."""
    if requested is not None:
        return requested
    if newest_record is not None:
        return newest_record + timedelta(days=1)
    raise UserError(
        "No record with a time has arrived, so the build has no date.",
        where="the landing folders of the enabled systems",
        todo="Deliver at least one record, or set LIFECYCLE_AS_OF.",
    )
