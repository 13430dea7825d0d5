"""Forecasts compared with the outcome: the demo company is forecast as of July 2025, and its generator knows
who was still a customer then and what every customer bought until the year's end.

Tolerances are of the size of chance: for 1,001 buyers, the totals of those alive and of those who buy vary by
3 to 5 % (standard deviation), and the share in a bin of a hundred by 0.05."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import pytest

from dagster_project.lifetime_value.btyd import Cells, Fit, score
from dagster_project.lifetime_value.btyd.cells import Floats
from dagster_project.lifetime_value.btyd.measures import (
    aggregate_error,
    calibration_error,
    gini,
    lift,
    root_mean_square_error,
)
from dagster_project.lifetime_value.btyd.scoring import Scores
from dagster_project.lifetime_value.registry import fit_of
from demo_company.course import DROPOUT_A, DROPOUT_B, RATE_SCALE, RATE_SHAPE
from demo_company.plan import Plan
from demo_company.truth import PersonTruth, truth
from tests.conftest import JULY
from tests.support.installation import Installation

NOW, END = date.fromisoformat(JULY), date(2026, 1, 1)
DAYS = float((END - NOW).days)
TRUTH = np.array([RATE_SHAPE, 1 / RATE_SCALE, DROPOUT_A, DROPOUT_B])
STORED = """
    select distinct identifiers.identifier_type || '=' || identifiers.identifier,
        frequency, recency, age, probability_alive
    from intermediate.int_customer_identifiers as identifiers
    join value.fct_customer_lifetime_value using (customer_id)
    where frequency is not null
"""


@dataclass(frozen=True)
class Year:
    """The buyers of the forecast, one row each, and the truth about them.

    Attributes:
        stored: probability_alive as published.
        scores: scores by the published parameters, until the year's end.
        by_truth: scores by the generator's own parameters of purchase rates and chances of leaving.
        is_alive: whether they were still customers in the generator (1 or 0).
        bought: purchase days until the year's end.
    """

    cells: Cells
    stored: Floats
    scores: Scores
    by_truth: Scores
    is_alive: Floats
    bought: Floats

    def of(self, column: str) -> Floats:
        found = self.scores[column]
        assert found is not None
        return found


@pytest.fixture(scope="module")
def year(july: Installation) -> Year:
    with july.private() as connection:
        found = {name: row for name, *row in connection.execute(STORED).fetchall()}
        cursor = connection.execute(
            "from value.lifetime_value_models where is_champion and component = 'purchases'"
        )
        row = cursor.fetchone()
        assert row is not None
        names = [column[0] for column in cursor.description]
    fit = fit_of(dict(zip(names, row, strict=True)))
    assert isinstance(fit, Fit)
    before, after = truth(Plan(), NOW), truth(Plan(), END)
    days = {order.order_id: order.ordered_at.date() for order in after.orders}
    rows = []
    for then, later in zip(before.people, after.people, strict=True):
        assert then.number == later.number
        if then.counted_order_ids:
            kind, identifier = then.identifiers[0]
            rows.append((*found[f"{kind}={identifier}"], _is_alive(then), _bought(later, days)))
    columns = np.array(rows, dtype=np.float64).T
    cells = Cells(*columns[:3])
    assert fit.family == "mbg_nbd"
    scores, by_truth = (
        score(each, cells, horizon=DAYS) for each in (fit, replace(fit, parameters=TRUTH))
    )
    return Year(cells, columns[3], scores, by_truth, columns[4], columns[5])


def _is_alive(person: PersonTruth) -> bool:
    return person.died_at is None or person.died_at >= datetime(NOW.year, NOW.month, NOW.day)


def _bought(person: PersonTruth, days: dict[str, date]) -> int:
    return len({days[order] for order in person.counted_order_ids if NOW <= days[order] < END})


def test_what_was_published_is_what_is_judged(year: Year) -> None:
    assert len(year.cells) == 1001
    assert np.abs(year.of("probability_alive") - year.stored).max() < 1e-9


def test_expected_orders_are_the_orders_that_came(year: Year) -> None:
    expected = year.of("expected_orders")
    assert abs(aggregate_error(expected, year.bought)) < 0.10
    assert gini(expected, year.bought) > 0.5
    for size, forecast, actual in lift(expected, year.bought, parts=5).tolist():
        # Five times the variance of a Poisson: rates differ from customer to customer.
        assert abs(forecast - actual) < 2 * np.sqrt(5 * forecast / size)


@pytest.mark.parametrize("frequency", [0, 1, 2], ids=["once", "twice", "more often"])
def test_so_are_those_of_new_and_of_old_customers(year: Year, frequency: int) -> None:
    chosen = np.minimum(year.cells.frequency, 2) == frequency
    expected, bought = year.of("expected_orders")[chosen], year.bought[chosen]
    assert abs(aggregate_error(expected, bought)) < 0.15


def test_who_is_alive_was_forecast(year: Year) -> None:
    alive = year.of("probability_alive")
    assert abs(aggregate_error(alive, year.is_alive)) < 0.10
    assert calibration_error(alive, year.is_alive) < 0.06
    assert gini(alive, year.is_alive) > 0.45


def test_who_bought_again_was_forecast(year: Year) -> None:
    active, bought_again = year.of("probability_active"), (year.bought > 0).astype(np.float64)
    assert abs(aggregate_error(active, bought_again)) < 0.10
    assert calibration_error(active, bought_again) < 0.06
    # No customer who had left bought, and P(alive) of those who bought is higher.
    assert not bought_again[year.is_alive == 0].any()
    alive = year.of("probability_alive")
    assert alive[bought_again == 1].mean() > alive[bought_again == 0].mean() + 0.15


def test_intervals_hold_what_came(year: Year) -> None:
    for level, at_least in ((80, 0.80), (95, 0.95)):
        low, high = year.of(f"orders_low_{level}"), year.of(f"orders_high_{level}")
        held = ((year.bought >= low) & (year.bought <= high)).mean()
        # Orders are whole numbers, so that an interval of 80 % holds more.
        assert at_least - 0.02 < held


def test_learned_parameters_are_worth_the_true_ones(year: Year) -> None:
    known = year.by_truth["expected_orders"]
    assert known is not None
    ours = root_mean_square_error(year.of("expected_orders"), year.bought)
    assert ours < 1.02 * root_mean_square_error(known, year.bought)
