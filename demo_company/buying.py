"""The course of an order: checkout, payment, delivery, cancellation, refund. Belongs here: the course and
the money of one order. Does not belong here: when people order (`course.py`) and what they do afterwards
(`aftermath.py`)."""

from __future__ import annotations

from datetime import datetime, timedelta

from demo_company import shop, words
from demo_company.interactions import Checkout
from demo_company.lives import Life
from demo_company.orders import UNIDENTIFIED, Order, Payment, Refund
from demo_company.plan import DAY, HOUR, MINUTE, Dice

# courses of an order, and how often each occurs in a thousand orders
COURSES = {
    "web": 752,
    "store": 75,
    "transfer": 80,
    "unpaid": 8,
    "part_paid": 5,
    "paid_unnoticed": 10,
    "cancelled": 40,
    "failed": 30,
}


def buy(dice: Dice, life: Life, moment: datetime, course: str = "") -> Order:
    """One purchase at a moment, with its checkout if there was one. Without a person, the order is
    unidentified."""
    course = course or dice.weighted(list(COURSES), list(COURSES.values()))
    person = life.person
    czech = person.country == "CZ" if person else dice.chance(0.5)
    currency = "CZK" if czech and not dice.chance(0.03) else "EUR"
    percent = dice.weighted((0, 5, 10, 20), (70, 10, 14, 6))
    by_line = percent > 0 and dice.chance(0.3)
    lines = shop.fill_basket(dice, currency, percent, by_line)
    items = sum(line.quantity * line.unit_price for line in lines)
    discount = sum(line.discount or 0 for line in lines) if by_line else items * percent // 100
    free = course == "store" or items >= shop.FREE_SHIPPING[currency]
    name = UNIDENTIFIED
    if person is not None:
        guest = person.guest_name if dice.chance(0.12) else UNIDENTIFIED
        name = guest if guest.email else person.named(dice, moment)
    order = Order(
        at=moment,
        name=name,
        currency=currency,
        channel="store" if course == "store" else dice.weighted(("web", "marketplace"), (9, 1)),
        lines=lines,
        discount=discount,
        shipping=0 if free else shop.SHIPPING[currency],
        tax=((items - discount) * shop.TAX_PERCENT + 50) // 100,
        steps=[(moment, "placed")],
        campaign=person.campaign if person and dice.chance(0.3) else "",
        coupon=dice.choice(words.COUPONS) if percent >= 10 and not by_line else "",
        exports_status=course != "store",
        exports_items=not dice.chance(0.08),
        exports_discount=not by_line,
    )
    _export_less(dice, order)
    _pay(dice, order, course)
    if course in ("web", "transfer", "paid_unnoticed"):
        _deliver(dice, order, course)
    elif course == "cancelled":
        _cancel(dice, order)
    life.orders.append(order)
    return order


def _export_less(dice: Dice, order: Order) -> None:
    """Some systems export less: orders without lines, a few with payments only."""
    luck = dice.random()
    if luck < 0.02:
        order.exports_lines, order.exports_items, order.exports_discount = False, True, True
    elif luck < 0.03 and order.discount == 0:
        order.exports_lines = order.exports_items = False
        order.exports_discount = True


def _pay(dice: Dice, order: Order, course: str) -> None:
    moment = order.at
    total = order.total
    if course == "unpaid":
        return
    if course == "store":
        order.payments.append(Payment(moment, total, "cash", "", None, order))
        return
    if course == "failed":
        failed_at = dice.later(moment, MINUTE, 20 * MINUTE)
        order.steps.append((failed_at, "failed"))
        order.payments.append(Payment(moment, total, "card", "failed", failed_at, order))
        return
    if course in ("transfer", "part_paid", "paid_unnoticed"):
        paid_at = dice.later(moment, HOUR, 6 * DAY)
        amount = total // 2 if course == "part_paid" else total
        order.payments.append(Payment(moment, amount, "transfer", "paid", paid_at, order))
    else:
        paid_at = dice.later(moment, 20, 3 * MINUTE)
        method, status = dice.choice((("card", "captured"), ("wallet", "succeeded")))
        voucher = 0
        if dice.chance(0.05):
            voucher = min(total // 3, 50_000 if order.currency == "CZK" else 2_000)
            order.payments.append(Payment(moment, voucher, "gift card", "", paid_at, order))
        rest = total - voucher
        order.payments.append(Payment(moment, rest, method, status, paid_at, order))
    if course in ("web", "transfer", "cancelled"):
        order.steps.append((paid_at, "paid"))


def _deliver(dice: Dice, order: Order, course: str) -> None:
    """Ships and delivers (one order in eight after the promised time), and sometimes takes it back."""
    paid_at = order.payments[-1].paid_at or order.at
    order.promised_at = (order.at + timedelta(days=5)).replace(hour=18, minute=0, second=0)
    shipped_at = dice.later(paid_at, 4 * HOUR, 2 * DAY)
    delivered_at = dice.later(shipped_at, 12 * HOUR, 2.4 * DAY)
    if dice.chance(0.12):
        delivered_at = dice.later(max(delivered_at, order.promised_at), HOUR, 9 * DAY)
    order.delivered_at = delivered_at
    if course == "paid_unnoticed":
        # The shop never set a status and never recorded the parcel, though the money had arrived.
        order.delivered_at = None
        return
    order.steps += [(shipped_at, "shipped"), (delivered_at, "delivered")]
    if dice.chance(0.02):
        order.delivered_at = None  # the carrier reported the status only
    luck = dice.random()
    if luck < 0.10:
        order.steps.append((delivered_at + timedelta(days=14), "completed"))
    elif luck < 0.13:
        returned_at = dice.later(delivered_at, 2 * DAY, 25 * DAY)
        order.steps.append((returned_at, "returned"))
        _refund(dice, order, returned_at, order.items - order.discount)
    elif luck < 0.17:
        part = max(100, (order.items - order.discount) * dice.randint(10, 60) // 100)
        _refund(dice, order, delivered_at, part)
    elif luck < 0.18:
        _refund(dice, order, delivered_at, order.items - order.discount, order.shipping)
    elif luck < 0.186:
        half = (order.items - order.discount) // 2
        _refund(dice, order, delivered_at, half)
        _refund(dice, order, delivered_at, order.items - order.discount - half)


def _refund(dice: Dice, order: Order, after: datetime, goods: int, shipping: int = 0) -> None:
    refunded_at = dice.later(after, HOUR, 40 * DAY)
    reason = dice.choice(words.REFUND_REASONS)
    order.refunds.append(Refund(refunded_at, goods, shipping, reason, order))


def _cancel(dice: Dice, order: Order) -> None:
    cancelled_at = dice.later(order.payments[-1].paid_at or order.at, HOUR, 2 * DAY)
    order.steps.append((cancelled_at, "cancelled"))
    if dice.chance(0.7):
        _refund(dice, order, cancelled_at, order.items - order.discount, order.shipping)


def check_out(dice: Dice, life: Life, order: Order) -> None:
    """The checkout that led to an order; one in ten cart tools does not know the order."""
    started_at = order.at - timedelta(seconds=dice.randint(3 * MINUTE, 50 * MINUTE))
    known = dice.chance(0.9)
    life.checkouts.append(
        Checkout(
            at=started_at,
            name=life.who.named(dice, started_at),
            amount=order.items - order.discount,
            shipping_at=dice.later(started_at, 40, 100),
            payment_at=dice.later(started_at, 110, 170),
            completed_at=order.at if known or dice.chance(0.5) else None,
            order=order if known else None,
        )
    )


def abandon(dice: Dice, life: Life, started_at: datetime) -> datetime:
    """A checkout that led to no order; one tool in four never records that it was abandoned. Returns the
    time at which it was abandoned."""
    person = life.who
    step = dice.random()
    left_at = dice.later(started_at, 4 * MINUTE, 2 * HOUR)
    life.checkouts.append(
        Checkout(
            at=started_at,
            name=person.named(dice, started_at),
            amount=dice.choice(shop.CATALOGUE).price,
            shipping_at=dice.later(started_at, 40, 100) if step < 0.6 else None,
            payment_at=dice.later(started_at, 110, 200) if step < 0.3 else None,
            abandoned_at=left_at if dice.chance(0.75) else None,
        )
    )
    return left_at
