"""Companies in which something known makes customers leave, or buy again, and other things make no difference.
Belongs here: drawing them, and the models of drivers on them. Does not belong here: what must be found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from dagster_project.calibration.reference import THRESHOLDS_FILE, read_thresholds
from tests.support.rendered import rendered

DAYS = 730
MODELS = (
    *("int_orders_numbered", "int_driver_orders_observed", "int_driver_strata_counted"),
    *("int_driver_lifts_estimated", "int_driver_spreads_estimated", "int_drivers_tested"),
)


@dataclass
class Planted:
    """Two years of a shop. After an order with a late delivery a customer leaves more often, by `leaving`. Who
    was thanked for the first order leaves less often, by `remaining`. These make no difference:

    - refunds and bad reviews after some orders;
    - discounts, which some customers take more often than others;
    - tickets, which some customers open more often, at any time: the longer the wait, the more;
    - follow-ups and questions after the first order."""

    seed: int
    customers: int = 500
    leaving: float = 0.35
    remaining: float = 0.0
    orders: list[tuple[Any, ...]] = field(default_factory=list)
    activities: list[tuple[Any, ...]] = field(default_factory=list)
    tickets: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        dice = np.random.default_rng(self.seed)
        for customer in range(self.customers):
            self._live(customer, dice)

    def _live(self, customer: int, dice: np.random.Generator) -> None:
        first = at = dice.uniform(0, DAYS)
        gap, likes_discounts = 1 / dice.gamma(1.5, 1 / 60), dice.beta(0.7, 1.2)
        while at < DAYS:
            late, refunded, reviewed = (dice.random() < share for share in (0.12, 0.12, 0.08))
            delivered = at + 2 + dice.exponential(2)
            order = f"{customer}-{len(self.orders)}"
            promised = delivered + (-1 if late else 1)
            discount = 5 * (dice.random() < likes_discounts)
            self.orders.append((order, str(customer), at, delivered, promised, discount))
            thanked = at == first and dice.random() < 0.4
            for happened, activity in (
                (refunded, "refund_issued"),
                (reviewed, "review_written"),
                (thanked, "thank_you"),
                (at == first and dice.random() < 0.3, "follow_up"),
                (at == first and dice.random() < 0.3, "chat"),
            ):
                if happened:
                    self.activities.append((str(customer), activity, at + 2 + dice.exponential(5)))
            if dice.random() < 0.25 + self.leaving * late - self.remaining * thanked:
                break
            at += max(dice.exponential(min(gap, 300)), 0.05)
        for opened in dice.uniform(first, DAYS, dice.poisson((DAYS - first) / 200 * dice.gamma(1))):
            self.tickets.append((str(customer), opened, opened + dice.exponential(60)))

    def drivers(self) -> duckdb.DuckDBPyConnection:
        """A database with the tables of the models, from the orders to `int_drivers_tested`."""
        connection = duckdb.connect(config={"threads": 1})
        names = {
            "o": ("order_id", "customer_id", "happened", "delivered", "promised", "discount"),
            "a": ("customer_id", "activity", "happened"),
            "t": ("customer_id", "opened", "resolved"),
        }
        for name, rows in (("o", self.orders), ("a", self.activities), ("t", self.tickets)):
            columns = zip(*rows, strict=True)
            connection.register(
                name, pa.table(dict(zip(names[name], map(list, columns), strict=True)))
            )
        thresholds = ", ".join(
            f"cast({value} as decimal(18, 4)) as {threshold}"
            for threshold, value in read_thresholds(THRESHOLDS_FILE).items()
        )
        connection.execute(
            f"""
            create macro moment(number) as timestamp '2024-01-01' + to_seconds(number * 86400);
            create table int_thresholds as select {thresholds};
            create table int_orders_valued as
            select 's' as source_system, order_id, customer_id, 10.00::decimal(18, 2) as net_amount,
                true as is_counted, discount::decimal(18, 2) as discount_amount, moment(happened) as ordered_at,
                moment(delivered) as delivered_at, moment(promised) as promised_at
            from o;
            create table int_customer_activities as
            select customer_id, activity, activity = 'chat' as is_inquiry, false as is_advocacy_signal,
                activity = 'review_written' as is_negative_opinion, moment(happened) as occurred_at
            from a where happened < {DAYS};
            create table input_support_tickets as
            select customer_id as person_key, null::timestamp as deleted_at, moment(opened) as opened_at,
                moment(resolved) as resolved_at
            from t;
            create table int_affected_customers as select distinct customer_id from o;
            create table int_person_keys_resolved as
            select customer_id as person_key, customer_id from int_affected_customers;
            create table input_order_lines
            (source_system varchar, order_id varchar, product_id varchar, deleted_at timestamp)
            """
        )
        for model in MODELS:
            connection.execute(f"create table {model} as {rendered(model, '2025-12-31')}")
        return connection

    def found(self, outcome: str) -> set[str]:
        """The conditions that are called drivers of an outcome."""
        with self.drivers() as connection:
            rows = connection.execute(
                "select condition from int_drivers_tested where is_driver and outcome = $1",
                [outcome],
            ).fetchall()
        return {condition for (condition,) in rows}
