"""The truth about a demo company as of a day, computed from its lives and never from its files. Belongs
here: collecting the truth about persons. Does not belong here: rules (`stages.py`, `accounts.py`) and
anything that reads a warehouse."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from demo_company import words
from demo_company.accounts import OrderTruth, order_truth, sum_of
from demo_company.census import take_census
from demo_company.company import batches
from demo_company.delivery import generate
from demo_company.files import BadRecord, FileFacts
from demo_company.lives import Life
from demo_company.orders import Name
from demo_company.pasts import past_of
from demo_company.plan import REPORTING_CURRENCY, SYSTEM, Plan
from demo_company.shop import Rates, currency_rates
from demo_company.stages import Interval, intervals


@dataclass(frozen=True)
class PersonTruth:
    """The truth about one person as of a day.

    Attributes:
        number: the person's number in the plan, from 1.
        identifiers: kind and normalised value of every identifier on their records so far, without
            mailboxes that too many people share.
        is_seen: whether the person is a customer: any record other than a deleted contact names them.
        first_touch_at: time of the earliest such record (UTC); None if not seen.
        order_ids, counted_order_ids: in order of time, then id.
        gross, discount, refund, net: sums over counted orders, in the reporting currency.
        purchase_rate: purchases per day while alive; dropout: probability of leaving after a purchase.
        died_at: when they left for good, whatever as_of is; None if they had not left by the end.
        intervals: their stage intervals in both lifecycles.
    """

    number: int
    identifiers: tuple[tuple[str, str], ...]
    is_seen: bool
    first_touch_at: datetime | None
    order_ids: tuple[str, ...]
    counted_order_ids: tuple[str, ...]
    gross: Decimal
    discount: Decimal
    refund: Decimal
    net: Decimal
    purchase_rate: float
    dropout: float
    died_at: datetime | None
    intervals: tuple[Interval, ...]


@dataclass(frozen=True)
class Truth:
    """The truth about a company as of a day. `files` are in the order of loading (by path under
    `<landing>/demo/`); `mess` counts every kind of mess in the whole delivery."""

    system: str
    as_of: date
    currency_code: str
    people: tuple[PersonTruth, ...]
    orders: tuple[OrderTruth, ...]
    files: tuple[FileFacts, ...]
    quarantined: tuple[BadRecord, ...]
    mess: dict[str, int]

    def to_json(self) -> str:
        """The truth as JSON: times in ISO 8601 with Z, amounts as text."""
        return json.dumps(asdict(self), default=_plain, ensure_ascii=False, indent=1)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    return str(value)


def truth(plan: Plan, as_of: date | None = None) -> Truth:
    """The whole truth as of a day (UTC, exclusive); by default the day after the plan's last."""
    day = as_of or plan.as_of
    moment = datetime.combine(day, time.min)
    rates = currency_rates(plan)
    people: list[PersonTruth] = []
    orders: list[OrderTruth] = []
    mess: Counter[str] = Counter()
    delivery = generate(plan, None)
    for batch in batches(plan):
        mess += take_census(batch)
        for life in batch.lives:
            known = _orders_of(life, rates, moment)
            orders += known
            people.append(_person_truth(life, known, moment))
        orders += _orders_of(batch.unidentified, rates, moment)
    mess["bad_rows"] = len(delivery.quarantined)
    mess["redelivered_records"] = sum(facts.redelivered for facts in delivery.files)
    return Truth(
        system=SYSTEM,
        as_of=day,
        currency_code=REPORTING_CURRENCY,
        people=tuple(people),
        orders=tuple(sorted(orders, key=lambda order: order.order_id)),
        files=delivery.files,
        quarantined=delivery.quarantined,
        mess=dict(sorted(mess.items())),
    )


def _orders_of(life: Life, rates: Rates, as_of: datetime) -> list[OrderTruth]:
    number = None if life.person is None else life.person.number
    known = [order_truth(order, number, rates, as_of) for order in life.orders if order.at < as_of]
    return sorted(known, key=lambda order: (order.ordered_at, order.order_id))


def _person_truth(life: Life, orders: list[OrderTruth], as_of: datetime) -> PersonTruth:
    counted = [order for order in orders if order.is_counted]
    past = past_of(life, [order.ordered_at for order in counted], as_of)
    return PersonTruth(
        number=life.who.number,
        identifiers=tuple(sorted(_identifiers(life, as_of))),
        is_seen=past is not None,
        first_touch_at=past.first_touch_at if past else None,
        order_ids=tuple(order.order_id for order in orders),
        counted_order_ids=tuple(order.order_id for order in counted),
        gross=sum_of(order.items for order in counted),
        discount=sum_of(order.discount for order in counted),
        refund=sum_of(order.refund for order in counted),
        net=sum_of(order.net for order in counted),
        purchase_rate=life.purchase_rate,
        dropout=life.dropout,
        died_at=life.died_at,
        intervals=tuple(intervals(past, as_of)) if past else (),
    )


def names_of(life: Life, as_of: datetime) -> list[Name]:
    """The identifiers with which each record before as_of, in its latest version, names the person."""
    contacts = life.person.contacts if life.person else []
    names = [Name(c.key, c.email, c.phone, c.card) for c in contacts if c.at < as_of]
    kinds = (life.interactions, life.tickets, life.orders, life.checkouts, life.reviews)
    for records in (*kinds, life.answers, life.referrals, life.loyalty):
        names += [record.name for record in records if record.at < as_of]
    return names


def identifiers_on(name: Name) -> set[tuple[str, str]]:
    """The normalised identifiers of one record, including a shared mailbox."""
    email = name.email.strip().lower()
    digits = "".join(filter(str.isdigit, name.phone))
    phone = "+" + (digits.removeprefix("00") if name.phone.startswith("00") else digits)
    found = {
        ("contact_id", name.contact_id),
        ("email", email),
        ("phone", phone if digits else ""),
        ("external_id", name.external_id),
    }
    return {identifier for identifier in found if identifier[1]}


def _identifiers(life: Life, as_of: datetime) -> set[tuple[str, str]]:
    found = {identifier for name in names_of(life, as_of) for identifier in identifiers_on(name)}
    return found - {("email", words.SHARED_MAILBOX)}
