"""A life: one person and everything that truly happened between them and the shop. Belongs here: a
life's records, and a person's arrival. Does not belong here: when people buy and leave (`course.py`), the
details of an order (`buying.py`), what follows one (`aftermath.py`) and files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from demo_company import words
from demo_company.interactions import Checkout, Interaction, Ticket
from demo_company.opinions import Answer, LoyaltyEntry, Referral, Review
from demo_company.orders import Order
from demo_company.people import Person, introduce, register, register_again
from demo_company.plan import DAY, HOUR, MINUTE, Dice, Plan

ASKING = ("inquiry", "chat", "call", "meeting", "demo", "trial", "knowledge_base_view")


@dataclass(slots=True)
class Life:
    """Everything true of one person. When `person` is None, it holds the unidentified records.

    Attributes:
        purchase_rate: purchases per day while alive; 0 for people who never buy.
        dropout: probability of leaving for good after a purchase.
        died_at: when the customer left for good; None if still alive at the end, or never a buyer.
    """

    person: Person | None
    purchase_rate: float = 0.0
    dropout: float = 0.0
    died_at: datetime | None = None
    interactions: list[Interaction] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    checkouts: list[Checkout] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    loyalty: list[LoyaltyEntry] = field(default_factory=list)
    points: int = 0

    @property
    def who(self) -> Person:
        """The person. Raises ValueError for the life of the unidentified records."""
        if self.person is None:
            raise ValueError("this life has no person")
        return self.person

    def cut(self, closes: datetime) -> None:
        """Drops what happens at or after the export's instant."""
        self.interactions = [record for record in self.interactions if record.at < closes]
        self.tickets = [record for record in self.tickets if record.at < closes]
        self.orders = [record for record in self.orders if record.at < closes]
        self.checkouts = [record for record in self.checkouts if record.at < closes]
        self.reviews = [record for record in self.reviews if record.at < closes]
        self.answers = [record for record in self.answers if record.at < closes]
        self.loyalty = [record for record in self.loyalty if record.at < closes]
        for order in self.orders:
            order.cut(closes)
        for ticket in self.tickets:
            ticket.cut(closes)
        for checkout in self.checkouts:
            checkout.cut(closes)
        for review in self.reviews:
            review.cut(closes)
        if self.person is not None:
            contacts = self.person.contacts
            self.person.contacts = [contact for contact in contacts if contact.at < closes]
            for contact in self.person.contacts:
                contact.cut(closes)


def begin(dice: Dice, plan: Plan, number: int) -> Life:
    """A new person arrives: registers, looks around, and perhaps asks something."""
    person = introduce(dice, plan, number)
    life = Life(person)
    luck = dice.random()
    if plan.messy and number <= 8:
        _share_mailbox(dice, plan, person)
    elif luck < 0.79:
        if person.phone and dice.chance(0.05):
            person.email = ""
        contact = register(dice, person, person.arrived_at)
        if luck < 0.02 and person.email:
            person.always_by_id = True
            contact.email_before = person.email
            contact.email = person.email.replace("@", ".new@")
            contact.email_changed_at = dice.later(contact.at, 30 * DAY, 300 * DAY)
        elif luck < 0.08 and person.email:
            register_again(dice, person, dice.later(person.arrived_at, 2 * DAY, 200 * DAY))
        elif luck < 0.095:
            contact.deleted_at = dice.later(contact.at, 20 * DAY, 400 * DAY)
            if luck < 0.085:
                return life  # known only from a contact that is later deleted
    elif luck < 0.90:
        register(dice, person, dice.later(person.arrived_at, 10 * DAY, 150 * DAY))
    _look_around(dice, life)
    return life


def _share_mailbox(dice: Dice, plan: Plan, person: Person) -> None:
    person.arrived_at = dice.later(plan.opens, HOUR, 9 * HOUR)
    person.email, person.phone, person.card = words.SHARED_MAILBOX, "", ""
    person.details = (*person.details[:2], words.SHARED_COMPANY, *person.details[3:])
    person.always_by_id = True
    register(dice, person, person.arrived_at)


def _look_around(dice: Dice, life: Life) -> None:
    person = life.who
    moment = person.arrived_at
    for _ in range(dice.weighted((0, 1, 2, 3), (40, 33, 17, 10))):
        moment = dice.later(moment, MINUTE, 2 * DAY)
        kind = "content_view" if dice.chance(0.4) else "page_view"
        content = dice.choice(words.CONTENT) if kind == "content_view" else ""
        name = person.named(dice, moment)
        record = Interaction(moment, name, kind, campaign=person.campaign, content=content)
        life.interactions.append(record)
    if dice.chance(0.34):
        ask(dice, life, dice.later(moment, HOUR, 4 * DAY))
    if dice.chance(0.06):
        moment = dice.later(moment, DAY, 5 * DAY)
        life.interactions.append(
            Interaction(moment, person.named(dice, moment), "call", "outbound", "phone")
        )
    if dice.chance(0.04):
        asked_at = dice.later(moment, DAY, 5 * DAY)
        answered_at = dice.later(asked_at, HOUR, 2 * DAY)
        life.tickets.append(
            Ticket(
                at=asked_at,
                name=person.named(dice, asked_at),
                topic="product question",
                answered_at=answered_at,
                resolved_at=dice.later(answered_at, HOUR, 10 * DAY),
                satisfaction=dice.choice((None, 3, 4, 5)),
            )
        )


def ask(dice: Dice, life: Life, moment: datetime) -> None:
    """The person asks something; the shop may answer by reaching out."""
    person = life.who
    kind = dice.weighted(ASKING, (26, 22, 14, 3, 4, 3, 28))
    name = person.telephoned(dice, moment) if kind == "call" else person.named(dice, moment)
    channel = {"call": "phone", "chat": "chat", "meeting": "shop"}.get(kind, "web")
    content = dice.choice(words.HELP_PAGES) if kind == "knowledge_base_view" else ""
    outcome = "answered" if dice.chance(0.5) else ""
    life.interactions.append(
        Interaction(moment, name, kind, channel=channel, content=content, outcome=outcome)
    )
    if dice.chance(0.25):
        later = dice.later(moment, 2 * HOUR, 3 * DAY)
        name = person.named(dice, later)
        life.interactions.append(Interaction(later, name, "follow_up", "outbound", "email"))
