"""The build's logical end, and the one place that reads the clock for it. Belongs here: which date is meant
by a word, or when nobody asked for one. Does not belong here: reading what was asked for (`resources.py`), or
finding the newest record (`ingestion/newest.py`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

from dagster_project.errors import UserError

# A date, or the word for how to find it.
AsOfWord: TypeAlias = Literal["yesterday", "newest"]
AsOf: TypeAlias = date | AsOfWord
ONE_DAY = timedelta(days=1)


def read_as_of(text: str) -> AsOf:
    """A date such as 2025-01-31, or one of the words. Raises ValueError for anything else."""
    word = next((word for word in get_args(AsOfWord) if word == text.lower()), None)
    return word or date.fromisoformat(text)


def resolve_as_of(
    requested: AsOf | None,
    *,
    timezone: str,
    newest_record_at: Callable[[], datetime | None],
    now: datetime | None = None,
) -> date:
    """The date before whose midnight, in the reporting time zone, everything counts. `yesterday`: today's date,
    so that yesterday is the last day that counts. `newest`, or nothing: the day after the newest record. Raises
    UserError when there is no record to go by."""
    if isinstance(requested, date):
        return requested
    if requested == "yesterday":
        return today(timezone, now)
    newest = newest_record_at()
    if newest is None:
        raise UserError(
            "No record that counts has a time before its loading, so the build has no date.",
            where="the landing folders of the enabled systems",
            todo="Deliver at least one record, or give a date: `lifecycle build --as-of DATE`.",
        )
    return local_date(newest, timezone) + ONE_DAY


def latest_as_of(timezone: str, now: datetime | None = None) -> date:
    """The last date that is not later than now: the end of the day that is going on."""
    return today(timezone, now) + ONE_DAY


def today(timezone: str, now: datetime | None = None) -> date:
    """The date in a time zone; `now` has an offset, and is the clock's time when left out."""
    return (now or datetime.now(UTC)).astimezone(ZoneInfo(timezone)).date()


def midnight(day: date, timezone: str) -> datetime:
    """The UTC time, without an offset, at which a day begins in a time zone. Where the clocks go over midnight,
    it is the moment they do; where midnight comes twice, the first one (dbt/macros/engine/time.sql)."""
    begin = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone))
    return begin.astimezone(UTC).replace(tzinfo=None)


def local_date(moment: datetime, timezone: str) -> date:
    """The date in a time zone of a UTC time without an offset."""
    return today(timezone, moment.replace(tzinfo=UTC))
