"""The value of orders, and whether they count, by the rules and in plain loops. Belongs here: money and
counting, written a second time and without any SQL. Does not belong here: stages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from demo_company.orders import Order
from demo_company.shop import Rates

COUNTING = ("paid", "shipped", "delivered", "completed")
RECEIVED = ("", "paid", "captured", "succeeded", "completed", "settled")
CENT = Decimal("0.01")
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class OrderTruth:
    """An order as of a day. Amounts are in the reporting currency at the rate of the order's day, and
    refunds at the rate of the refund's day, each rounded half up to cents; net = items - discount -
    refund. `person` is None if the order is unidentified."""

    order_id: str
    person: int | None
    ordered_at: datetime
    status: str
    is_counted: bool
    original_currency_code: str
    items: Decimal
    discount: Decimal
    refund: Decimal
    net: Decimal
    shipping: Decimal
    tax: Decimal


def rate_on(rates: Rates, currency: str, day: date) -> Decimal:
    """The latest rate on or before a day. Raises KeyError if there is none."""
    if (day, currency) in rates:
        return rates[day, currency]
    earlier = [known for known, code in rates if code == currency and known < day]
    if not earlier:
        raise KeyError(f"no rate of {currency} by {day}")
    return rates[max(earlier), currency]


def converted(rates: Rates, currency: str, cents: int, moment: datetime) -> Decimal:
    """Cents of a currency in the reporting currency, rounded half up to cents."""
    amount = Decimal(cents) / 100 * rate_on(rates, currency, moment.date())
    return amount.quantize(CENT, ROUND_HALF_UP)


def received(order: Order, as_of: datetime) -> int:
    """The payments received before as_of, in cents; a payment without a time counts."""
    return sum(
        payment.amount
        for payment in order.payments
        if payment.status in RECEIVED and (payment.paid_at is None or payment.paid_at < as_of)
    )


def discount_of(order: Order) -> int:
    """The discount as exported, in cents: the order's, else that of its lines, else 0."""
    if order.exports_discount:
        return order.discount
    return sum(line.discount or 0 for line in order.lines) if order.exports_lines else 0


def items_of(order: Order, as_of: datetime) -> int:
    """The items before discounts as exported, in cents: the order's, else its lines', else the payments."""
    if order.exports_items:
        return order.items
    if order.exports_lines:
        return sum(line.quantity * line.unit_price for line in order.lines)
    rest = received(order, as_of) - order.shipping - order.tax + discount_of(order)
    return max(0, rest)


def is_counted(order: Order, as_of: datetime) -> bool:
    """Whether an order counts, by what is known just before as_of."""
    status = order.exported_status
    goods = items_of(order, as_of) - discount_of(order)
    paid = received(order, as_of)
    if status not in COUNTING and not (
        status == "placed" and 0 < paid >= goods + order.shipping + order.tax
    ):
        return False
    refunded = sum(refund.goods for refund in order.refunds if refund.at < as_of)
    return goods > 0 and not (refunded > 0 and refunded >= goods)


def order_truth(order: Order, person: int | None, rates: Rates, as_of: datetime) -> OrderTruth:
    """The truth about an order just before as_of."""

    def in_euro(cents: int) -> Decimal:
        return converted(rates, order.currency, cents, order.at)

    refund = sum_of(
        converted(rates, order.currency, refund.goods, refund.at)
        for refund in order.refunds
        if refund.at < as_of
    )
    items, discount = in_euro(items_of(order, as_of)), in_euro(discount_of(order))
    return OrderTruth(
        order_id=order.key,
        person=person,
        ordered_at=order.at,
        status=order.exported_status,
        is_counted=is_counted(order, as_of),
        original_currency_code=order.currency,
        items=items,
        discount=discount,
        refund=refund,
        net=items - discount - refund,
        shipping=in_euro(order.shipping),
        tax=in_euro(order.tax),
    )


def sum_of(amounts: Iterable[Decimal]) -> Decimal:
    """The sum; without amounts, zero with two decimals."""
    return sum(amounts, ZERO)
