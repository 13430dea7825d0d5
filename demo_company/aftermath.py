"""What follows an order: thanks, opinions, complaints, points. Belongs here: the interactions that an
order causes. Does not belong here: the order itself (`buying.py`)."""

from __future__ import annotations

from datetime import datetime

from demo_company import words
from demo_company.interactions import Interaction, Ticket
from demo_company.lives import Life
from demo_company.opinions import Answer, LoyaltyEntry, Review
from demo_company.orders import Order
from demo_company.plan import DAY, HOUR, MINUTE, Dice


def follow(dice: Dice, life: Life, order: Order) -> None:
    """Adds everything after an order, by chance and the person's mood."""
    person = life.who
    if order.status in ("failed", "cancelled"):
        if dice.chance(0.15):
            _complain(dice, life, order, order.steps[-1][0])
        return
    if dice.chance(0.4):
        moment = dice.later(order.at, MINUTE, 3 * HOUR)
        name = person.named(dice, moment)
        life.interactions.append(Interaction(moment, name, "thank_you", "outbound", "email"))
    got_it_at = order.delivered_at or order.steps[-1][0]
    late = order.promised_at is not None and got_it_at > order.promised_at
    feeling = person.mood - 0.9 * late - 0.6 * bool(order.refunds)
    if dice.chance(0.06 + 0.12 * late):
        _complain(dice, life, order, got_it_at)
    if dice.chance(0.05):
        moment = dice.later(got_it_at, DAY, 4 * DAY)
        name = person.named(dice, moment)
        life.interactions.append(Interaction(moment, name, "follow_up", "outbound", "email"))
    if dice.chance(0.16):
        _review(dice, life, order, got_it_at, feeling)
    if dice.chance(0.14):
        _answer(dice, life, order, got_it_at, feeling)
    if feeling > 0.5 and dice.chance(0.05):
        moment = dice.later(got_it_at, DAY, 30 * DAY)
        name = person.named(dice, moment)
        sentiment = dice.randint(-20, 95)
        life.interactions.append(
            Interaction(moment, name, "social_post", channel="social", sentiment=sentiment)
        )
    if person.card:
        _collect(dice, life, order)


def _complain(dice: Dice, life: Life, order: Order, after: datetime) -> None:
    opened_at = dice.later(after, HOUR, 5 * DAY)
    answered_at = dice.later(opened_at, HOUR, 3 * DAY) if dice.chance(0.9) else None
    resolved = answered_at is not None and dice.chance(0.85)
    life.tickets.append(
        Ticket(
            at=opened_at,
            name=life.who.named(dice, opened_at),
            topic=dice.choice(words.TOPICS),
            order=order,
            answered_at=answered_at,
            resolved_at=dice.later(answered_at, HOUR, 15 * DAY)
            if answered_at and resolved
            else None,
            satisfaction=dice.choice((None, 1, 2, 3, 4, 5)),
        )
    )


def _stars(dice: Dice, feeling: float) -> int:
    return max(1, min(5, round(4.1 + 0.9 * feeling + dice.uniform(-0.9, 0.9))))


def _review(dice: Dice, life: Life, order: Order, after: datetime, feeling: float) -> None:
    moment = dice.later(after, HOUR, 25 * DAY)
    stars = _stars(dice, feeling)
    luck = dice.random()
    review = Review(
        at=moment,
        name=life.who.named(dice, moment),
        rating=stars,
        title=dice.choice(("", "Review", "My opinion", "Hodnocení")),
        body=words.LONG_TEXT
        if stars >= 4 and luck > 0.93
        else dice.choice(words.REVIEW_TEXTS[stars]),
        platform=dice.choice(words.PLATFORMS),
        order=order,
        product_id=order.lines[0].product.product_id,
        is_public=None if luck < 0.1 else luck > 0.2,
    )
    if dice.chance(0.3):
        review.reply_at = dice.later(moment, HOUR, 12 * DAY)
    if dice.chance(0.06):
        review.rating_before = stars - 1 if stars > 1 else 2
        review.edited_at = dice.later(moment, DAY, 120 * DAY)
    life.reviews.append(review)
    if dice.chance(0.05):  # asked on the same page: two opinions at one instant
        name = life.who.named(dice, moment)
        life.answers.append(Answer(moment, name, "nps", dice.randint(0, 10), order))


def _answer(dice: Dice, life: Life, order: Order, after: datetime, feeling: float) -> None:
    moment = dice.later(after, DAY, 9 * DAY)
    kind = dice.weighted(("nps", "csat", "ces"), (5, 4, 1))
    stars = _stars(dice, feeling)
    score = {"nps": min(10, 2 * stars + dice.randint(-1, 1)), "csat": stars, "ces": stars + 1}[kind]
    name = life.who.named(dice, moment)
    life.answers.append(Answer(moment, name, kind, score, order, dice.choice(words.COMMENTS)))


def _collect(dice: Dice, life: Life, order: Order) -> None:
    """Adds points for a delivered order, and sometimes their redemption or expiry."""
    person = life.who
    value = (order.items - order.discount) // (100 if order.currency == "EUR" else 2_500)
    moment = dice.later(order.delivered_at or order.at, MINUTE, 2 * DAY)
    life.points += value
    tier = "gold" if life.points > 400 else "silver" if life.points > 150 else "basic"
    name = person.named(dice, moment, by_card=True)
    if value > 0:
        life.loyalty.append(LoyaltyEntry(moment, name, "earn", value, tier, order))
    if life.points > 100 and dice.chance(0.3):
        moment = dice.later(moment, DAY, 20 * DAY)
        kind = "redeem" if dice.chance(0.85) else "expire"
        life.points -= 100
        name = person.named(dice, moment, by_card=True)
        life.loyalty.append(LoyaltyEntry(moment, name, kind, -100, tier))
