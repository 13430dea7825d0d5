"""People, and the identifiers under which systems know them. Belongs here: contacts in the CRM, and the
choice of identifiers on other records. Does not belong here: what people do.

One rule keeps the truth and identity resolution equal: an earlier record of the same person links every
identifier that a record carries. So at every moment the known records of one person are connected, and
those of two people never are."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from demo_company import words
from demo_company.contacts import Contact
from demo_company.orders import UNIDENTIFIED, Name
from demo_company.plan import Dice, Plan


@dataclass(slots=True)
class Person:
    """A person: number from 1, residence, acquisition, feeling about the shop (-1 to 1), and contacts, if
    any. `email` is empty for people who only telephone."""

    number: int
    arrived_at: datetime
    email: str
    phone: str
    card: str
    details: tuple[str, ...]
    country: str
    channel: str
    campaign: str
    mood: float
    contacts: list[Contact] = field(default_factory=list)
    always_by_id: bool = False

    def named(self, dice: Dice, moment: datetime, *, by_card: bool = False) -> Name:
        """The identifiers with which a record of this moment names the person."""
        known = [contact for contact in self.contacts if contact.at <= moment]
        if not known:
            return Name(email=spelled(dice, self.email))
        contact = known[0] if len(known) == 1 else dice.choice(known)
        changed = contact.email_changed_at
        email = contact.email if changed is None or changed <= moment else contact.email_before
        if self.always_by_id:
            return Name(contact.key, email)
        if by_card and contact.card:
            return Name(external_id=contact.card)
        luck = dice.random()
        if luck < 0.22 and email:
            return Name(email=spelled(dice, email))
        if luck < 0.45 and email:
            return Name(contact.key, spelled(dice, email))
        if luck < 0.49 and contact.phone:
            return Name(phone=contact.phone)
        return Name(contact.key)

    def telephoned(self, dice: Dice, moment: datetime) -> Name:
        """The identifiers with which the call centre names the person: the phone, if it knows it."""
        for contact in self.contacts:
            if contact.at <= moment and contact.phone and not self.always_by_id:
                return Name(phone=contact.phone)
        return self.named(dice, moment)

    @property
    def guest_name(self) -> Name:
        """The person as a guest at the checkout: the e-mail alone, where it belongs to them alone."""
        return UNIDENTIFIED if self.always_by_id or not self.email else Name(email=self.email)


def spelled(dice: Dice, email: str) -> str:
    """The e-mail as people type it: sometimes in another case or with spaces."""
    if dice.random() > 0.06 or not email:
        return email
    return dice.choice((email.upper(), email.title(), f" {email}", f"{email} "))


def spelled_phone(dice: Dice, phone: str) -> str:
    """The phone in one of the usual spellings."""
    country, rest = phone.split(" ", 1)
    return dice.choice((phone, f"00{country[1:]}{rest.replace(' ', '')}", f"{country}-{rest}"))


def introduce(dice: Dice, plan: Plan, number: int) -> Person:
    """A new person, without contacts yet."""
    span = (plan.closes - plan.opens).total_seconds() - 86_400
    arrived_at = dice.later(plan.opens, 3_600, span)
    first_name, gender = dice.choice(words.FIRST_NAMES).split("/")
    last_name = dice.choice(words.LAST_NAMES)
    country, calling, _, places = dice.weighted(words.COUNTRIES, [c[2] for c in words.COUNTRIES])
    city, region = dice.choice(places).split("/")
    born = date(dice.randint(1948, 2005), dice.randint(1, 12), dice.randint(1, 28))
    channel = dice.weighted(list(words.CHANNELS), list(words.CHANNELS.values()))
    campaigns = words.CAMPAIGNS.get(channel, ("",))
    digits = f"0{number:08d}"
    has_phone, has_card = dice.chance(0.45), dice.chance(0.3)
    return Person(
        number=number,
        arrived_at=arrived_at,
        email=f"{_plain(first_name)}.{_plain(last_name)}{number}@{dice.choice(words.MAIL_DOMAINS)}",
        phone=f"+{calling} {digits[:3]} {digits[3:6]} {digits[6:]}" if has_phone else "",
        card=f"00{number:07d}" if has_card else "",
        details=(
            *(first_name, last_name, dice.choice(words.COMPANIES), dice.choice(words.JOBS)),
            born.isoformat() if dice.chance(0.6) else "",
            *(gender if dice.chance(0.8) else "", city, region, country),
        ),
        country=country,
        channel=channel,
        campaign=dice.choice(campaigns),
        mood=dice.uniform(-0.7, 1.0),
    )


def register(dice: Dice, person: Person, moment: datetime) -> Contact:
    """Enters the person into the CRM under the usual id: seven digits with leading zeros."""
    contact = Contact(
        at=moment,
        key=f"{person.number:07d}",
        email=spelled(dice, person.email),
        phone=spelled_phone(dice, person.phone) if person.phone else "",
        card=person.card,
        details=person.details,
        channel=person.channel,
        campaign=person.campaign,
        consent=dice.chance(0.65),
    )
    person.contacts.append(contact)
    return contact


def register_again(dice: Dice, person: Person, moment: datetime) -> Contact:
    """Enters the person a second time, from another form. The id equals another person's id without its
    leading zeros; the entry is linked by e-mail, phone or card alone."""
    links = ["email"] * 2 + ["phone"] * 2 * bool(person.phone) + ["card"] * 2 * bool(person.card)
    link = dice.choice(links)
    other_email = person.email.replace("@", ".private@")
    contact = Contact(
        at=moment,
        key=str(person.number + 1),
        email=spelled(dice, person.email if link == "email" else other_email),
        phone=spelled_phone(dice, person.phone) if link == "phone" else "",
        card=person.card if link == "card" else "",
        details=person.details[:2] + ("",) * 4 + person.details[6:],
        channel="unknown",
        campaign="",
        consent=dice.chance(0.5),
    )
    person.contacts.append(contact)
    return contact


@lru_cache(maxsize=1_000)
def _plain(text: str) -> str:
    """The text in the letters of a mail address: lower case, no accents, no apostrophes."""
    letters = text.lower().replace("ß", "ss").replace("ł", "l")
    return "".join(c for c in unicodedata.normalize("NFKD", letters) if c.isascii() and c.isalpha())
