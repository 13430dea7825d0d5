"""What makes customers leave, or buy again, is found, and what makes no difference is not: on companies drawn
with a known cause. Belongs here: how often. Does not belong here: the companies (`tests/support/planted.py`),
single rules of the models (dbt unit tests)."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.support.planted import Planted

CAUSES = {"lost": "late_delivery", "second_order": "thank_you"}


def _found(draws: range, outcome: str, **company: float) -> tuple[float, float]:
    """The share of drawn companies in which the cause is found, and in which anything else is."""
    found = [Planted(seed, **company).found(outcome) for seed in draws]
    return (
        float(np.mean([CAUSES[outcome] in each for each in found])),
        float(np.mean([bool(each - {CAUSES[outcome]}) for each in found])),
    )


@pytest.mark.thorough
def test_a_cause_of_leaving_is_found_and_a_placebo_is_not() -> None:
    power, false = _found(range(12), "lost", customers=700)
    assert power >= 0.9
    assert false == 0


@pytest.mark.thorough
def test_a_cause_of_the_second_order_is_found_and_a_placebo_is_not() -> None:
    power, false = _found(range(8), "second_order", customers=1500, remaining=0.25)
    assert power >= 0.9
    assert false == 0


@pytest.mark.thorough
def test_who_was_lost_has_more_days_for_tickets_and_yet_no_more_of_them() -> None:
    """Immortal time: from the order to the loss or the next order, far more of the lost have an open ticket."""
    with Planted(1, customers=2000).drivers() as connection:
        [(lost, others)] = connection.execute(
            """
            select avg(has_ticket) filter (is_lost), avg(has_ticket) filter (not is_lost)
            from (
                select any_value(is_lost) as is_lost, max((opened_at is not null)::int) as has_ticket
                from int_driver_orders_observed
                join int_orders_numbered as orders using (order_id)
                left join input_support_tickets as tickets
                    on orders.customer_id = tickets.person_key
                    and tickets.opened_at between orders.ordered_at and
                        least(orders.lapse_ends_at, coalesce(orders.next_ordered_at, orders.lapse_ends_at))
                group by order_id
            )
            """
        ).fetchall()
        [(low, high)] = connection.execute(
            "select lift_low, lift_high from int_drivers_tested"
            " where outcome = 'lost' and condition = 'unresolved_ticket'"
        ).fetchall()
    assert lost > 1.5 * others
    assert low < 1 < high


@pytest.mark.thorough
def test_lifts_and_intervals_are_those_of_the_formulas() -> None:
    """Recomputed order by order in numpy, customers with several orders included."""
    with Planted(3, customers=400).drivers() as connection:
        rows = connection.execute(
            "select customer_id, (order_number_band, recent_order_count, quarter)::varchar as stratum,"
            " is_lost, has_refund from int_driver_orders_observed where is_waiting"
        ).fetchnumpy()
        tested = connection.execute(
            "select lift, lift_low, lift_high, share_among_cases, share_among_others"
            " from int_drivers_tested where outcome = 'lost' and condition = 'refund'"
        ).fetchone()
        [(count,)] = connection.execute(
            "select count(*) from int_drivers_tested where outcome = 'lost' and is_tested"
        ).fetchall()
    customers, strata = rows["customer_id"], np.unique(rows["stratum"], return_inverse=True)[1]
    lost, has = rows["is_lost"].astype(bool), rows["has_refund"].astype(float)
    cases = np.bincount(strata, lost)
    others = np.bincount(strata, ~lost)
    a, c = np.bincount(strata, lost * has), np.bincount(strata, ~lost * has)
    both = (cases > 0) & (others > 0)
    n = cases + others
    weight = (cases * others / n)[both].sum()
    up, down = (a * others / n)[both].sum(), (c * cases / n)[both].sum()
    lift = up / down
    share = np.minimum((a + c) / (others + lift * cases), 1)
    residual = np.where(
        lost,
        (others / n)[strata] * (has - np.minimum(lift * share, 1)[strata]),
        -lift * (cases / n)[strata] * (has - share[strata]),
    )
    residual *= np.sqrt(n / np.maximum(n - 1, 1))[strata] * both[strata]
    by_customer: Counter[str] = Counter()
    for customer, part in zip(customers, residual, strict=True):
        by_customer[customer] += part
    spread = np.sqrt(lift * sum(part**2 for part in by_customer.values())) / up
    deviation = {5: 2.326347874, 4: 2.241402728}[count]
    expected = [
        lift,
        *((np.sqrt(lift) + sign * deviation * spread / 2) ** 2 for sign in (-1, 1)),
        *(up / weight, down / weight),
    ]
    assert tested is not None
    assert [float(value) for value in tested] == pytest.approx(expected, abs=2e-6)
    assert len(by_customer) < len(customers)


@pytest.mark.slow
@pytest.mark.parametrize(("leaving", "least"), [(0.15, 0.1), (0.25, 0.4), (0.35, 0.7)])
def test_power_and_false_discoveries_over_many_companies(leaving: float, least: float) -> None:
    """500 customers, some 300 losses: power by how much more often customers leave (25 % without the cause)."""
    power, false = _found(range(1000, 1300), "lost", leaving=leaving)
    print(f"leaving {leaving}: power {power:.2f}, false discoveries {false:.3f}")
    assert power >= least
    assert false <= 0.05


@pytest.mark.slow
def test_nothing_is_found_where_nothing_makes_a_difference() -> None:
    for outcome in CAUSES:
        found = [Planted(seed, leaving=0).found(outcome) for seed in range(2000, 2300)]
        print(outcome, Counter(condition for each in found for condition in each))
        assert np.mean([bool(each) for each in found]) <= 0.05
