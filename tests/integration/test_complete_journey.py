"""Real data: the indicators of the Complete Journey, recomputed straight from its files. Belongs here:
comparisons. Does not belong here: reading the files, household by household (`tests/support/grocery.py`)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import duckdb
import pytest

from dagster_project.calibration.gaps import lost_returns
from dagster_project.calibration.proposals import longest_judged, proposals
from dagster_project.calibration.reference import THRESHOLDS_FILE, read_thresholds
from dagster_project.cli.calibrate import served_gaps
from tests.conftest import NewInstallation
from tests.support.delivered import reference
from tests.support.grocery import PACKAGE, Household, file, households, month
from tests.support.installation import Installation

Rows = list[tuple[Any, ...]]

pytestmark = pytest.mark.skipif(not PACKAGE, reason="extra complete-journey is not installed")


# The lines of the baskets that cost something: free ones do not count.
PAID = (
    f"(select * from '{file('transactions')}'"
    " qualify sum(sales_value::decimal(18, 2)) over (partition by basket_id) > 0)"
    if PACKAGE
    else ""
)


@pytest.fixture(scope="module")
def grocer(new_installation: NewInstallation) -> Installation:
    installation = new_installation(SYSTEMS="complete_journey")
    installation.build()
    return installation


@pytest.fixture(scope="module")
def bought() -> dict[str, Household]:
    return households()


def _by_household(grocer: Installation, query: str) -> dict[str, Rows]:
    """The rows of a query on a mart, without their customer_id, by the household's number."""
    found = defaultdict(list)
    with grocer.private() as connection:
        for number, *row in connection.execute(
            f"select identifier, found.* exclude (customer_id) from ({query}) as found"
            " join intermediate.int_customer_identifiers using (customer_id) order by all"
        ).fetchall():
            found[number].append(tuple(row))
    return dict(found)


def _rows(grocer: Installation, query: str) -> Rows:
    with grocer.served() as connection:
        return list(connection.execute(query).fetchall())


def test_revenue_orders_and_customers_are_those_of_the_files(grocer: Installation) -> None:
    [expected] = duckdb.sql(
        "select count(distinct basket_id), count(distinct household_id),"
        " sum(sales_value::decimal(18, 2)),"
        " sum(retail_disc::decimal(18, 2) + coupon_match_disc::decimal(18, 2))"
        f" from {PAID}"
    ).fetchall()
    assert [expected] == _rows(
        grocer,
        "select count(*), count(distinct customer_id), sum(net_amount), sum(discount_amount)"
        " from core.fct_orders where is_counted",
    )
    assert [(expected[0], expected[2])] == _rows(
        grocer,
        "select sum(counted_order_count), sum(lifetime_net_revenue) from core.dim_customers",
    )


def test_each_household_s_orders_days_and_rfm(grocer: Installation) -> None:
    expected = duckdb.sql(
        "select household_id::varchar, count(distinct basket_id), count(distinct basket_id),"
        " min(transaction_timestamp), max(transaction_timestamp), sum(sales_value::decimal(18, 2)),"
        " sum(sales_value::decimal(18, 2)), count(distinct transaction_timestamp::date) - 1,"
        " date_diff('day', max(transaction_timestamp)::date, date '2018-01-01')"
        f" from {PAID} group by 1"
    ).fetchall()
    found = _by_household(
        grocer,
        "select customer_id, counted_order_count, order_count, first_order_at, last_order_at,"
        " customers.lifetime_net_revenue, net_revenue, frequency, days_since_last_order"
        " from core.dim_customers as customers join value.fct_customer_rfm using (customer_id)"
        " join value.fct_customer_lifetime_value using (customer_id)",
    )
    assert found == {number: [tuple(row)] for number, *row in expected}


def test_the_ledger_holds_every_record(grocer: Installation) -> None:
    ledger = _rows(
        grocer,
        "select entity, physical_records, accepted_records, quarantined_records from meta.loads",
    )
    assert len(ledger) == 6
    for entity, *counts in ledger:
        [(records,)] = duckdb.sql(f"select count(*) from '{file(entity)}'").fetchall()
        assert counts == [records, records, 0], entity


def test_orders_by_month(grocer: Installation, bought: dict[str, Household]) -> None:
    expected = Counter(month(at) for each in bought.values() for at in each.times)
    found = _rows(
        grocer,
        "select date_trunc('month', ordered_at)::date, count(*) from core.fct_orders"
        " where is_counted group by 1",
    )
    assert dict(found) == expected


def test_repeat_purchases(grocer: Installation, bought: dict[str, Household]) -> None:
    """Repeat purchase rate and median time to the second order."""
    repeated = [each for each in bought.values() if len(each.baskets) > 1]
    waited = [(each.times[1] - each.times[0]).total_seconds() for each in repeated]
    rate = _rows(
        grocer,
        "select count(*) filter (counted_order_count > 1), count(*) filter (counted_order_count > 0)"
        " from core.dim_customers",
    )
    [(wait,)] = _rows(
        grocer,
        "select median(date_diff('second', one.ordered_at, two.ordered_at))"
        " from core.fct_orders as one join core.fct_orders as two using (customer_id)"
        " where one.customer_order_number = 1 and two.customer_order_number = 2",
    )
    assert rate == [(len(repeated), len(bought))]
    assert wait == median(waited)


def test_every_interval_of_every_household(
    grocer: Installation, bought: dict[str, Household]
) -> None:
    """The current stage and every one before it, to the second."""
    found = _by_household(
        grocer,
        "select customer_id, valid_from, valid_to, stage"
        " from lifecycle.fct_customer_stage_intervals where lifecycle = 'relationship'",
    )
    for number, household in bought.items():
        expected = [(start, end, stage) for stage, start, end in household.intervals()]
        assert found[number] == expected, number
    assert found.keys() == bought.keys()


def test_churn_reasons(grocer: Installation, bought: dict[str, Household]) -> None:
    query = "select customer_id, lost_at, returned_at, reason from care.fct_churn_reasons"
    found = _by_household(grocer, query)
    losses = {number: list(each.losses()) for number, each in bought.items()}
    assert found == {
        number: [(loss.lost_at, loss.returned_at, loss.reason) for loss in each]
        for number, each in losses.items()
        if each
    }


def test_no_condition_is_a_driver(grocer: Installation) -> None:
    """Who was lost had bought at discounts less often than who remained."""
    found = _rows(
        grocer,
        "select condition, is_driver, reason_code, lift::double from care.rpt_churn_drivers"
        " where lift is not null",
    )
    assert found == [("price", False, "less_frequent", pytest.approx(0.940, abs=0.001))]


def test_lost_did_not_mean_lost(grocer: Installation) -> None:
    """94 % of those called lost were back within six months. No lapse window that the year can judge keeps to
    `lost_return_share`, and none is proposed."""
    rules = read_thresholds(THRESHOLDS_FILE)
    _, gaps = served_gaps(grocer.home / "served" / "lifecycle.duckdb", rules)
    returns = lost_returns(gaps, rules)
    assert (returns.lost_count, returns.months) == (721, 6)
    [served] = _rows(
        grocer,
        "select returned_interval_count, return_share::double from care.rpt_lost_returns"
        " where lapse_window = 'all' and months_since_loss = 6",
    )
    assert served == (561, pytest.approx(returns.share, abs=1e-6))
    assert served[1] == pytest.approx(0.939, abs=0.001)
    windows = [each for each in proposals(gaps, rules) if each.threshold.startswith("lapse")]
    assert all(each.proposed is None for each in windows)
    judged = longest_judged(gaps, rules)
    assert judged is not None
    assert judged[0] == 118
    assert judged[1].share == pytest.approx(0.834, abs=0.001)


def test_personas(grocer: Installation, bought: dict[str, Household]) -> None:
    expected: dict[tuple[str, ...], list[Any]] = defaultdict(lambda: [0, 0, Decimal(0)])
    for each in bought.values():
        now = each.intervals()[-1][0]
        for stage in (("relationship", now), ("journey", "post_purchase_engagement")):
            sums = expected[each.persona, *stage]
            sums[:] = sums[0] + 1, sums[1] + len(each.baskets), sums[2] + each.net
    found = _rows(
        grocer,
        "select persona, lifecycle, stage, customer_count, counted_order_count, lifetime_net_revenue"
        " from engagement.rpt_personas where customer_count > 0",
    )
    assert {row[:3]: list(row[3:]) for row in found} == expected


def test_loyalty(grocer: Installation, bought: dict[str, Household]) -> None:
    """There is no loyalty programme, so that every month has the tier `none`."""
    months: dict[Any, list[Any]] = defaultdict(lambda: [0, Decimal(0), 0, Decimal(0), 0])
    for each in bought.values():
        for basket in each.baskets:
            is_loyal = each.stage_at(basket.at) == "loyal"
            sums = months[month(basket.at)]
            counts = (1, basket.net, is_loyal, basket.net * is_loyal, 0)
            sums[:] = (so_far + more for so_far, more in zip(sums, counts, strict=True))
        for at in each.coupons:
            months[month(at)][4] += 1
    found = _rows(
        grocer,
        "select month, order_count, net_revenue, loyal_order_count, loyal_net_revenue,"
        " offer_taken_count from engagement.rpt_loyalty where order_count + offer_taken_count > 0",
    )
    assert {at: row for at, *row in found} == months


def test_attribution(grocer: Installation, bought: dict[str, Household]) -> None:
    """Every touchpoint has the same channel, and an order without one has that of the shop where it was bought,
    so that every model gives the same result."""
    expected: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, Decimal(0)])
    for each in bought.values():
        for basket in each.baskets:
            for model in ("first", "last", "linear", "position_based"):
                sums = expected[month(basket.at), model, "offline"]
                sums[:] = sums[0] + 1, sums[1] + basket.net
    found = _rows(
        grocer,
        "select month, attribution_model, channel, credited_order_count, credited_net_revenue"
        " from engagement.rpt_channel_attribution",
    )
    assert {row[:3]: list(row[3:]) for row in found} == expected


def test_cohorts(grocer: Installation, bought: dict[str, Household]) -> None:
    cohorts: dict[Any, list[Household]] = defaultdict(list)
    for each in bought.values():
        cohorts[month(each.times[0])].append(each)
    last = month(max(at for each in bought.values() for at in each.times))
    expected = []
    for start, members in cohorts.items():
        so_far = Decimal(0)
        for step in range((last.year - start.year) * 12 + last.month - start.month + 1):
            months = [[b for b in each.baskets if _months(start, b.at) == step] for each in members]
            net = sum((basket.net for baskets in months for basket in baskets), Decimal(0))
            so_far += net
            active = sum(bool(baskets) for baskets in months)
            rate = active / len(members)
            expected.append((start, step, len(members), active, rate, net, so_far))
    found = _rows(
        grocer,
        "select cohort_month, months_since_first_order, cohort_size, active_customers,"
        " retention_rate, net_revenue, cumulative_net_revenue"
        " from lifecycle.fct_customer_cohorts_monthly",
    )
    assert sorted(found) == sorted(expected)


def _months(start: Any, at: Any) -> int:
    return int((at.year - start.year) * 12 + at.month - start.month)


def test_rfm_scores_and_segments(grocer: Installation, bought: dict[str, Household]) -> None:
    """Of n households the k-th from below (equals together) is in band floor(5 k ÷ (n - 1)) + 1, at most 5."""
    scores: dict[str, list[int]] = {number: [] for number in bought}
    for measure in (
        lambda each: each.times[-1].date().toordinal(),
        lambda each: len(each.baskets),
        lambda each: each.net,
    ):
        values = sorted(measure(each) for each in bought.values())
        for number, each in bought.items():
            below = bisect_left(values, measure(each))
            scores[number].append(min(5 * below // (len(values) - 1) + 1, 5))
    named = {
        (int(row["recency_score"]), int(row["frequency_score"])): row["segment"]
        for row in reference("rfm_segments")
    }
    found = _by_household(
        grocer,
        "select customer_id, recency_score, frequency_score, monetary_score, segment"
        " from value.fct_customer_rfm",
    )
    assert found == {
        number: [(*three, named[three[0], three[1]])] for number, three in scores.items()
    }


def test_win_backs(grocer: Installation, bought: dict[str, Household]) -> None:
    """Offers to lost households, and whether they bought within 60 days."""
    expected: dict[str, Rows] = {}
    for number, each in bought.items():
        attempts: Rows = []
        for entry, loss in enumerate(each.losses(), start=1):
            for at in each.offers:
                if not loss.lost_at <= at < (loss.returned_at or each.as_of):
                    continue
                until = at + timedelta(days=60)
                came = loss.returned_at is not None and loss.returned_at <= until
                waiting = "pending" if until >= each.as_of else "no_return"
                baskets = [basket for basket in each.baskets if at < basket.at <= until]
                net = sum((basket.net for basket in baskets), Decimal(0))
                is_taken = any(at <= taken <= until for taken in each.coupons)
                outcome = "returned" if came else waiting
                attempts.append((entry, at, outcome, is_taken, len(baskets), net))
        if attempts:
            expected[number] = sorted(attempts)
    found = _by_household(
        grocer,
        "select customer_id, entry_number, attempted_at, outcome, was_offer_taken,"
        " order_count_in_window, net_revenue_in_window from care.fct_win_backs",
    )
    assert found == expected
    assert sum(len(rows) for rows in expected.values()) > 40
