"""The shop: its products, prices and currency rates. Belongs here: what is the same for all customers.
Does not belong here: orders and people."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from demo_company import words
from demo_company.orders import Line, Product, Row
from demo_company.plan import Dice, Plan, days_of, money

CATALOGUE = tuple(
    Product(f"{number:04d}", name, category, brand, price, price * 58 // 100)
    for number, (name, category, brand, price) in enumerate(words.PRODUCTS, start=1)
)
# Sold at the till before the shop kept its orders: what it pays for is revenue.
GIFT_CARD = ("0099", "Gift card", "gift cards", "Kamzík", "", "gift_card")
WEIGHTS = tuple(30 if product.price < 2_000 else 12 for product in CATALOGUE)
FREE_SHIPPING = {"EUR": 8_000, "CZK": 200_000}
SHIPPING = {"EUR": 590, "CZK": 9_900}
TAX_PERCENT = 21

Rates = dict[tuple[date, str], Decimal]


def product_rows() -> list[Row]:
    """The catalogue as exported; unit costs in the reporting currency."""
    goods = [(*product[:4], money(product.unit_cost), "goods") for product in CATALOGUE]
    return [*goods, GIFT_CARD]


def price_in(currency: str, cents: int) -> int:
    """A price in EUR, in cents, as the shop states it in another currency: whole tens of crowns less one."""
    return cents if currency == "EUR" else round(cents * 25 / 1_000) * 1_000 - 100


def cost_in(currency: str, cents: int) -> int:
    """A unit cost in the currency of the order."""
    return cents if currency == "EUR" else cents * 25


def fill_basket(dice: Dice, currency: str, discount_percent: int, by_line: bool) -> list[Line]:
    """One to four different products; `by_line`: whether lines carry their discount."""
    count = dice.weighted((1, 2, 3, 4), (45, 32, 16, 7))
    products = dict.fromkeys(dice.choices(CATALOGUE, WEIGHTS, k=count))
    lines = []
    for product in products:
        quantity = 1 if product.price > 4_000 else dice.weighted((1, 2, 3), (70, 20, 10))
        price = price_in(currency, product.price)
        discount = quantity * price * discount_percent // 100 if by_line else None
        lines.append(Line(product, quantity, price, discount, cost_in(currency, product.unit_cost)))
    return lines


def currency_rates(plan: Plan) -> Rates:
    """The reporting currency per unit, for every day: EUR is 1, CZK varies around 1/25."""
    dice = plan.dice("rates")
    rates: Rates = {}
    crowns = 25.0
    for day in days_of(plan):
        crowns += dice.uniform(-0.06, 0.06) + (25.0 - crowns) * 0.01
        rates[day, "CZK"] = Decimal(f"{1 / crowns:.6f}")
        rates[day, "EUR"] = Decimal("1.000000")
    return rates


def rate_rows(rates: Rates) -> list[Row]:
    """The rates as exported."""
    return [(day.isoformat(), currency, str(rate)) for (day, currency), rate in rates.items()]
