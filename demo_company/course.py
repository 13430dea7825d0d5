"""The course of a life after arrival: when people buy, come back and leave. Belongs here: the purchase
process, and the shop's own mails. Does not belong here: single orders (`buying.py`).

Purchases follow a BG/NBD process (Fader, Hardie and Lee 2005): each buyer has a purchase rate (gamma) and,
after every purchase, a probability of leaving for good (beta)."""

from __future__ import annotations

from datetime import datetime, timedelta

from demo_company import words
from demo_company.aftermath import follow
from demo_company.buying import abandon, buy, check_out
from demo_company.interactions import Interaction
from demo_company.lives import Life, ask, begin
from demo_company.plan import DAY, HOUR, MINUTE, Dice, Plan

RATE_SHAPE, RATE_SCALE = 1.3, 1 / 95  # gamma: purchases per day while alive
DROPOUT_A, DROPOUT_B = 1.1, 3.2  # beta: probability of leaving after a purchase


def live(dice: Dice, plan: Plan, number: int) -> Life:
    """One whole life, cut at the export's instant. Referrals are added later (`company.py`), since they
    need two people."""
    life = begin(dice, plan, number)
    gone_early = any(contact.deleted_at for contact in life.who.contacts) and not life.interactions
    if not gone_early:
        if dice.chance(0.13):
            abandon(dice, life, dice.later(life.who.arrived_at, 4 * DAY, 15 * DAY))
        if dice.chance(0.70):
            _buy_while_alive(dice, plan, life)
        _write_to(dice, plan, life)
    life.cut(plan.closes)
    return life


def _buy_while_alive(dice: Dice, plan: Plan, life: Life) -> None:
    life.purchase_rate = dice.gammavariate(RATE_SHAPE, RATE_SCALE)
    life.dropout = dice.betavariate(DROPOUT_A, DROPOUT_B)
    moment = dice.waited(dice.later(life.who.arrived_at, HOUR, 3 * DAY), 9)
    while moment < plan.closes:
        _buy_once(dice, plan, life, moment)
        if dice.chance(life.dropout):
            life.died_at = moment
            _leave(dice, life, moment)
            return
        moment = dice.waited(moment, 1 / max(life.purchase_rate, 1e-5))


def _buy_once(dice: Dice, plan: Plan, life: Life, moment: datetime) -> None:
    """A purchase, sometimes after abandoned checkouts, and with a second attempt when the first failed."""
    if life.orders and dice.chance(0.06):
        abandon(dice, life, moment - timedelta(seconds=dice.randint(4 * HOUR, 2 * DAY)))
    order = buy(dice, life, moment)
    if order.channel == "web" and dice.chance(0.55):
        check_out(dice, life, order)
    follow(dice, life, order)
    if order.status == "failed" and dice.chance(0.8):
        again = buy(dice, life, dice.later(order.at, 25 * MINUTE, 3 * HOUR), "web")
        follow(dice, life, again)
    elif dice.chance(0.01):
        buy(dice, life, moment, "web")  # one basket, split into two orders of the same second
    if dice.chance(0.05):
        ask(dice, life, dice.later(moment, DAY, 30 * DAY))


def _leave(dice: Dice, life: Life, died_at: datetime) -> None:
    """Some customers who leave for good later give the CRM a reason."""
    contacts = [contact for contact in life.who.contacts if contact.deleted_at is None]
    if contacts and dice.chance(0.22):
        contact = contacts[0]
        contact.exit_reason = dice.choice(words.EXIT_REASONS)
        contact.exited_at = dice.later(max(died_at, contact.at), 20 * DAY, 200 * DAY)


def _write_to(dice: Dice, plan: Plan, life: Life) -> None:
    """The shop's own mails: offers to buyers, win-back offers to the silent, newsletters."""
    person = life.who
    if not life.orders:
        if dice.chance(0.2):
            _mail(dice, life, dice.later(person.arrived_at, DAY, 60 * DAY), "email_sent", 0.4)
        return
    last_at = life.orders[-1].at
    if len(life.orders) >= 4 and dice.chance(0.6):
        _mail(dice, life, dice.later(last_at, DAY, 20 * DAY), "offer_sent", 0.4)
    if last_at + timedelta(days=150) < plan.closes and dice.chance(0.5):
        _mail(dice, life, dice.later(last_at, 120 * DAY, 240 * DAY), "win_back_offer", 0.2)


def _mail(dice: Dice, life: Life, moment: datetime, kind: str, taken: float) -> None:
    person = life.who
    name = person.named(dice, moment)
    life.interactions.append(Interaction(moment, name, kind, "outbound", "email", "newsletter"))
    if dice.chance(taken):
        later = dice.later(moment, MINUTE, 3 * DAY)
        kind = "offer_taken" if kind == "offer_sent" else "email_opened"
        name = person.named(dice, later)
        life.interactions.append(Interaction(later, name, kind, channel="email"))
