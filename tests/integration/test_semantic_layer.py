"""Every named metric equals its definition computed in another way, from other tables or columns than the
metric's own. Exposures name what relies on the marts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from dagster_project.report import TABLES
from tests.support.contract import STAGES
from tests.support.installation import Installation
from tests.support.metrics import Metrics, Rows

BUYERS = (
    "(select customer_id, count(*) as n, min(ordered_at) as first_at, sum(net_amount) as net"
    " from core.fct_orders where is_counted and customer_id is not null group by 1)"
)
# Each metric's total, as of the build.
TOTALS = {
    "order_count": "select count(*) from core.fct_orders",
    "counted_order_count": "select count(*) from core.fct_orders where is_counted",
    "gross_revenue": "select sum(net_amount + refund_amount + discount_amount) from core.fct_orders"
    " where is_counted",
    "discount_amount": "select sum(items_amount - refund_amount - net_amount) from core.fct_orders"
    " where is_counted",
    "refund_amount": "select sum(items_amount - discount_amount - net_amount) from core.fct_orders"
    " where is_counted",
    "net_revenue": "select sum(items_amount - discount_amount - refund_amount) from core.fct_orders"
    " where is_counted",
    "average_order_value": "select sum(items_amount - discount_amount - refund_amount)::double"
    " / count(*) from core.fct_orders where is_counted",
    "active_customers": "select count(*) from core.dim_customers where counted_order_count > 0",
    "customer_count": "select count(distinct customer_id) from lifecycle.fct_customer_stage_intervals",
    "marketable_customer_count": "select count(*) from core.dim_customers where is_marketable",
    "buyer_count": f"select count(*) from {BUYERS}",
    "repeat_buyer_count": f"select count(*) from {BUYERS} where n >= 2",
    "repeat_purchase_rate": f"select count(*) filter (n >= 2) / count(*) from {BUYERS}",
    "lifetime_net_revenue": f"select sum(net) from {BUYERS}",
    "average_lifetime_net_revenue": f"select sum(net)::double / count(*) from {BUYERS}",
    "predicted_revenue_12m": "select sum(predicted_revenue_12m) from value.fct_customer_lifetime_value"
    " where reason_code = 'scored'",
    "predicted_customer_count": "select count(*) from value.fct_customer_lifetime_value"
    " where reason_code = 'scored'",
}
BY_MONTH = ("returning_customers", "returning_customer_rate", "active_customers", "net_revenue")
BY_AGE = ("cohort_size", "cohort_active_customers", "cohort_retention_rate")
NPS = ("nps_answer_count", "promoter_count", "detractor_count", "net_promoter_score")


@pytest.fixture(scope="module")
def metrics(demo: Installation) -> Iterator[Metrics]:
    asked = Metrics(
        demo.home / "dbt" / "semantic_manifest.json",
        (demo.home / "served" / "lifecycle.duckdb").resolve(),
    )
    yield asked
    asked.connection.close()


@pytest.fixture(scope="module")
def manifest(demo: Installation) -> dict[str, Any]:
    return dict(json.loads((demo.home / "dbt" / "manifest.json").read_text()))


def test_every_metric_is_tested_and_described(metrics: Metrics, manifest: dict[str, Any]) -> None:
    assert set(metrics.names) == {*TOTALS, *BY_MONTH, *BY_AGE, *NPS, "customers_in_stage"}
    for metric in manifest["metrics"].values():
        assert len(metric["description"]) > 20, metric["name"]


@pytest.mark.parametrize("name", TOTALS)
def test_a_total_equals_its_definition(metrics: Metrics, name: str) -> None:
    asked = metrics.ask([name])
    assert asked == metrics.sql(TOTALS[name])
    assert asked[0][0] > 0


def test_returning_customers_had_ordered_before_the_month(metrics: Metrics) -> None:
    expected = metrics.sql(
        """
        with orders as (
            select customer_id, ordered_at, date_trunc('month', ordered_at) as month, net_amount
            from core.fct_orders where is_counted
        ),
        active as (select distinct customer_id, month from orders where customer_id is not null),
        judged as (
            select month, count(*) as active_count, count(*) filter (exists (
                select 1 from orders
                where orders.customer_id = active.customer_id and orders.ordered_at < active.month
            )) as returning_count
            from active group by month
        )
        select month, nullif(returning_count, 0), nullif(returning_count, 0) / active_count,
            active_count, (select sum(net_amount) from orders where orders.month = judged.month)
        from judged order by month
        """
    )
    assert len(expected) > 20
    assert metrics.ask(BY_MONTH, ["metric_time__month"]) == expected


def test_repeat_purchase_rate_is_not_the_returning_customer_rate(metrics: Metrics) -> None:
    by_cohort = metrics.ask(["repeat_purchase_rate"], ["metric_time__month"])
    expected = metrics.sql(
        f"select date_trunc('month', first_at), count(*) filter (n >= 2) / count(*) from {BUYERS}"
        " group by 1 order by 1"
    )
    # Customers who never ordered have no month, and no rate.
    assert [(month, rate or 0) for month, rate in by_cohort if month] == expected
    assert by_cohort != metrics.ask(["returning_customer_rate"], ["metric_time__month"])


def test_cohort_retention_is_of_the_kth_month(metrics: Metrics) -> None:
    expected = metrics.sql(
        f"""
        with firsts as (select customer_id, date_trunc('month', first_at) as cohort from {BUYERS}),
        ages as (
            select distinct firsts.customer_id,
                date_diff('month', cohort, date_trunc('month', ordered_at)) as k
            from core.fct_orders inner join firsts using (customer_id) where is_counted
        ),
        last_month as (select date_trunc('month', max(date_day)) as month from core.dim_dates)
        select k, size, active, active / size
        from (
            select distinct k,
                (select count(*) from firsts, last_month where date_diff('month', cohort, month) >= ages.k)
                    as size,
                (select count(*) from ages as others where others.k = ages.k) as active
            from ages
        ) order by k
        """
    )
    assert metrics.ask(BY_AGE, ["cohort_period__months_since_first_order"]) == expected


def test_customers_in_a_stage_are_never_summed_over_days(metrics: Metrics) -> None:
    by = ["metric_time__month", "stage_day__lifecycle", "stage_day__stage"]
    expected = metrics.sql(
        """
        with ends as (select max(date_day) as day from core.dim_dates group by date_trunc('month', date_day))
        select date_trunc('month', ends.day) as month, stages.lifecycle, stages.stage,
            count(intervals.customer_id)
        from ends cross join core.dim_lifecycle_stages as stages
        left join lifecycle.fct_customer_stage_intervals as intervals
            on intervals.lifecycle = stages.lifecycle and intervals.stage = stages.stage
            and intervals.valid_from < ends.day + interval 1 day
            and coalesce(intervals.valid_to, timestamp '9999-01-01') >= ends.day + interval 1 day
        group by all order by all
        """
    )
    assert metrics.ask(["customers_in_stage"], by) == expected


def test_passives_are_in_the_denominator_of_nps(metrics: Metrics, demo: Installation) -> None:
    with demo.private() as connection:
        answers = connection.execute(
            "select score from input.input_survey_responses where kind = 'nps' and responded_at <"
            " (select as_of from meta.builds order by started_at desc limit 1)"
        ).fetchall()
    scores = [score for (score,) in answers]
    promoters = sum(score >= 9 for score in scores)
    detractors = sum(score <= 6 for score in scores)
    assert len(scores) > promoters + detractors
    ((answer_count, promoter_count, detractor_count, score),) = metrics.ask(NPS)
    assert (answer_count, promoter_count, detractor_count) == (len(scores), promoters, detractors)
    assert float(score) == pytest.approx(100 * (promoters - detractors) / len(scores), rel=1e-12)


def _named(exposure: dict[str, Any]) -> set[str]:
    return {node.split(".")[-1] for node in exposure["depends_on"]["nodes"]}


def test_exposures_name_the_report_and_the_ten_audiences(manifest: dict[str, Any]) -> None:
    exposures = {each["name"]: each for each in manifest["exposures"].values()}
    marts = {table.split(".")[1] for table in TABLES if not table.startswith("meta.")}
    assert _named(exposures.pop("customer_lifecycle_report")) == marts
    for stage in (stage for stages in STAGES.values() for stage in stages):
        exposure = exposures.pop(f"audience_{stage}")
        assert _named(exposure) == {f"customers_in_{stage}"}
        assert exposure["owner"]["name"] and exposure["description"]
    assert exposures == {}


def test_the_order_of_answers_is_that_of_the_question(metrics: Metrics) -> None:
    rows: Rows = metrics.ask(["net_revenue", "order_count"])
    assert rows == [(*metrics.ask(["net_revenue"])[0], *metrics.ask(["order_count"])[0])]
