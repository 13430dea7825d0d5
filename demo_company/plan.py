"""The plan of a company. Belongs here: its parameters, its random numbers and the periods that its
exports cover. Does not belong here: people, orders or files."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import TypeVar

T = TypeVar("T")

START = date(2024, 1, 1)
END = date(2025, 12, 31)
PEOPLE = 2_000
SEED = 20240101
SYSTEM = "demo"
REPORTING_CURRENCY = "EUR"
DAY = 86_400
HOUR = 3_600
MINUTE = 60


@dataclass(frozen=True)
class Plan:
    """The parameters of one company. Equal plans give equal bytes.

    Attributes:
        people: number of lives to simulate, at least 1.
        seed: any whole number.
        start, end: first and last day with records, UTC, both inclusive.
        messy: whether files have the defects of real exports (bad records, repeated files, ...). The
            mess within lives (several contact ids, refunds, ...) is always present.
        batch_size: number of lives simulated and written at a time; it changes ids and so the bytes.
    """

    people: int = PEOPLE
    seed: int = SEED
    start: date = START
    end: date = END
    messy: bool = True
    batch_size: int = 2_000

    def __post_init__(self) -> None:
        if self.people < 1:
            raise ValueError(f"people must be at least 1, not {self.people}")
        if (self.end - self.start).days < 31:
            raise ValueError("end must be at least 31 days after start")

    @cached_property
    def opens(self) -> datetime:
        """The first instant with records (UTC)."""
        return datetime.combine(self.start, time.min)

    @cached_property
    def closes(self) -> datetime:
        """The export's instant (UTC): everything strictly before it is known."""
        return datetime.combine(self.end + timedelta(days=1), time.min)

    @property
    def as_of(self) -> date:
        """The logical end of a build on everything delivered."""
        return self.end + timedelta(days=1)

    @property
    def batch_count(self) -> int:
        """The number of batches."""
        return -(-self.people // self.batch_size)

    def people_of(self, batch: int) -> range:
        """The numbers, from 1, of the people in a batch, from 0."""
        first = batch * self.batch_size + 1
        return range(first, min(first + self.batch_size, self.people + 1))

    def dice(self, purpose: str) -> Dice:
        """Separate random numbers for one purpose, so that a change of one part leaves the others as
        they are."""
        return Dice(f"{self.seed}/{purpose}")


class Dice(random.Random):
    """Random draws that lives need. Times are UTC without an offset, to the second."""

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.random() < probability

    def weighted(self, values: Sequence[T], weights: Sequence[float]) -> T:
        """One of the values, with a chance in proportion to its weight."""
        return self.choices(values, weights)[0]

    def later(self, moment: datetime, least: float, most: float) -> datetime:
        """A moment between `least` and `most` seconds later."""
        return moment + timedelta(seconds=int(least + (most - least) * self.random()))

    def waited(self, moment: datetime, mean_days: float) -> datetime:
        """A moment later by an exponentially distributed time of at least a minute."""
        wait = MINUTE + self.expovariate(1.0 / (mean_days * DAY))
        return moment + timedelta(seconds=int(min(wait, 4_000 * DAY)))


def period_of(moment: datetime, months: int) -> tuple[int, int]:
    """Year and first month of the period that holds a moment; periods have 1, 3, 6 or 12 months."""
    return moment.year, (moment.month - 1) // months * months + 1


def end_of(period: tuple[int, int], months: int) -> datetime:
    """The instant at which a period ends, exclusive."""
    year, month = period
    month += months
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def periods_between(plan: Plan, months: int) -> Iterator[tuple[int, int]]:
    """All periods of a plan, in order."""
    period = period_of(plan.opens, months)
    while datetime(period[0], period[1], 1) < plan.closes:
        yield period
        end = end_of(period, months)
        period = (end.year, end.month)


def period_name(period: tuple[int, int], months: int) -> str:
    """The period's name in file names: `2024-01`, or `2024-01_2024-03` for several months."""
    year, month = period
    first = f"{year}-{month:02d}"
    return first if months == 1 else f"{first}_{year}-{month + months - 1:02d}"


def days_of(plan: Plan) -> Iterator[date]:
    """All days of a plan, in order."""
    day = plan.start
    while day <= plan.end:
        yield day
        day += timedelta(days=1)


def stamp(moment: datetime | None) -> str:
    """A UTC time as ISO 8601 with Z; an empty text for None."""
    return "" if moment is None else f"{moment.isoformat()}Z"


def local_stamp(moment: datetime | None) -> str:
    """The same moment as written by a system in Central Europe without summer time."""
    if moment is None:
        return ""
    return f"{(moment + timedelta(hours=1)).isoformat()}+01:00"


def money(cents: int | None) -> str:
    """Cents as a decimal number with two places; an empty text for None."""
    if cents is None:
        return ""
    return f"{cents // 100}.{cents % 100:02d}"


def known_by(moment: datetime | None, known: datetime) -> datetime | None:
    """The moment if it is before `known`, else None."""
    return moment if moment is not None and moment < known else None
