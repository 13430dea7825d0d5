"""The company's people, batch by batch. Belongs here: links between lives (referrals), unidentified
records, and the ids that systems assign. Does not belong here: single lives and files."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from demo_company import words
from demo_company.buying import buy
from demo_company.contacts import Contact
from demo_company.course import live
from demo_company.interactions import Interaction
from demo_company.lives import Life
from demo_company.opinions import Referral, Review
from demo_company.orders import UNIDENTIFIED, Order
from demo_company.plan import DAY, HOUR, Dice, Plan

STRIDE = 200_000  # ids of one entity per batch; more than a batch of 2,000 people ever needs


class Keyed(Protocol):
    """A record that gets its id when its batch is numbered."""

    key: str


@dataclass(frozen=True)
class Batch:
    """Some of the company's lives, complete and numbered. `unidentified` holds the records that name no
    person. `records` has what is exported per entity, in order of time."""

    number: int
    lives: list[Life]
    unidentified: Life

    @property
    def all_lives(self) -> list[Life]:
        """The lives of persons, and the life that holds the unidentified records."""
        return [*self.lives, self.unidentified]

    @property
    def contacts(self) -> list[Contact]:
        """All contacts, in order of creation."""
        found = [contact for life in self.lives for contact in life.who.contacts]
        return sorted(found, key=operator.attrgetter("at"))

    @property
    def orders(self) -> list[Order]:
        """All orders, in order of their ids."""
        return sorted(
            (order for life in self.all_lives for order in life.orders),
            key=operator.attrgetter("key"),
        )


def batches(plan: Plan) -> Iterator[Batch]:
    """All batches of a company, in order; one is in memory at a time."""
    return (make_batch(plan, number) for number in range(plan.batch_count))


def make_batch(plan: Plan, number: int) -> Batch:
    """One batch; it depends on the plan and its number alone."""
    dice = plan.dice(f"batch {number}")
    lives = [live(dice, plan, person) for person in plan.people_of(number)]
    _refer_friends(dice, plan, lives)
    unidentified = _unidentified_life(dice, plan, len(lives))
    _number(number, [*lives, unidentified])
    return Batch(number, lives, unidentified)


def _refer_friends(dice: Dice, plan: Plan, lives: Sequence[Life]) -> None:
    """Gives those who came by referral a friend who had bought before, and lets some customers recommend
    the shop in vain. An e-mail that a referrer gives for a friend does not make the friend a customer."""
    buyers = sorted(
        (life for life in lives if life.orders and life.who.email),
        key=lambda life: life.orders[0].at,
    )
    for life in lives:
        person = life.who
        if person.channel != "referral" or person.always_by_id or not buyers:
            continue
        friend = buyers[int(len(buyers) * dice.random() ** 2)]
        referred_at = dice.later(person.arrived_at, -6 * DAY, -HOUR)
        if friend is life or friend.orders[0].at >= referred_at:
            continue
        contacts = [contact for contact in friend.who.contacts if contact.at <= referred_at]
        if person.contacts and contacts:
            person.contacts[0].referred_by = contacts[0].key
        friend.referrals.append(
            Referral(
                at=referred_at,
                name=friend.who.named(dice, referred_at),
                friend_email=person.email,
                friend_contact_id=person.contacts[0].key if person.contacts else "",
                order=life.orders[0] if life.orders and dice.chance(0.9) else None,
            )
        )
    for life in buyers:
        if life.who.mood > 0.6 and dice.chance(0.08):
            moment = dice.later(life.orders[0].at, 5 * DAY, 200 * DAY)
            if moment < plan.closes:
                friend_email = f"friend.of.{life.who.number}@{dice.choice(words.MAIL_DOMAINS)}"
                name = life.who.named(dice, moment)
                life.referrals.append(Referral(moment, name, friend_email))


def _unidentified_life(dice: Dice, plan: Plan, people: int) -> Life:
    """Orders at the till, page views and reviews that name no person."""
    unidentified = Life(None)
    span = (plan.closes - plan.opens).total_seconds() - DAY
    for _ in range(max(1, people // 50)):
        buy(
            dice,
            unidentified,
            dice.later(plan.opens, 0, span),
            "store" if dice.chance(0.8) else "web",
        )
        moment = dice.later(plan.opens, 0, span)
        unidentified.interactions.append(
            Interaction(moment, UNIDENTIFIED, "content_view", content=dice.choice(words.CONTENT))
        )
    for _ in range(max(1, people // 200)):
        stars = dice.randint(1, 5)
        unidentified.reviews.append(
            Review(
                at=dice.later(plan.opens, 0, span),
                name=UNIDENTIFIED,
                rating=stars,
                title="",
                body=dice.choice(words.REVIEW_TEXTS[stars]),
                platform="google",
                is_verified=False,
            )
        )
    unidentified.cut(plan.closes)
    return unidentified


def _number(batch: int, lives: Sequence[Life]) -> None:
    """Assigns every record its id, in order of time, and sorts each life's orders by time."""
    first = batch * STRIDE + 1
    by_time = operator.attrgetter("at")

    def number(prefix: str, records: Sequence[Keyed]) -> None:
        for position, record in enumerate(sorted(records, key=by_time)):
            record.key = f"{prefix}{first + position:08d}"

    for life in lives:
        life.orders.sort(key=by_time)
    number("", [order for life in lives for order in life.orders])
    payments = [payment for life in lives for order in life.orders for payment in order.payments]
    number("P", payments)
    number("F", [refund for life in lives for order in life.orders for refund in order.refunds])
    number("I", [record for life in lives for record in life.interactions])
    number("T", [record for life in lives for record in life.tickets])
    number("K", [record for life in lives for record in life.checkouts])
    number("R", [record for life in lives for record in life.reviews])
    number("A", [record for life in lives for record in life.answers])
    number("M", [record for life in lives for record in life.referrals])
    number("L", [record for life in lives for record in life.loyalty])
