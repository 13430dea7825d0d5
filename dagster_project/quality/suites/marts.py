"""Rules for the marts, checked before publication. Belongs here: volume, ranges and distributions of
the contracted columns. Does not belong here: keys, relations, accepted codes and reconciliations (dbt
tests), stage logic (dbt unit tests)."""

from __future__ import annotations

from datetime import datetime

from dagster_project.quality.suites.care import care_suites
from dagster_project.quality.suites.engagement import engagement_suites
from dagster_project.quality.suites.model import (
    COUNT_WHY,
    SCALE_WHY,
    Expectation,
    Suite,
    aggregate_between,
    has_rows,
    in_range,
    no_records,
    not_negative,
    rates,
)

STAGES = (
    *("prospect", "first_purchase", "repeat_purchase", "loyal", "lost"),
    *("discovery", "education", "purchase", "post_purchase_engagement", "advocacy"),
)
# Shares are checked only from this many records on.
ENOUGH_RECORDS = 50
IDENTIFIED_SHARE_EXPECTED = 0.5
COUNTED_SHARE_EXPECTED = 0.5
LOST_SHARE_EXPECTED = 0.95

MONEY_WHY = "a negative amount here means that money was booked twice or with the wrong sign"


def mart_suites(ends_at: datetime) -> list[Suite]:
    """The suites `<schema>_<entity>` of the marts for a build whose logical end is the UTC time `ends_at`."""
    return [
        *_core(ends_at),
        *_lifecycle(),
        *_stages(ends_at),
        *_value(),
        *engagement_suites(),
        *care_suites(),
    ]


def _core(ends_at: datetime) -> list[Suite]:
    return [
        _suite(
            "core.dim_customers",
            has_rows(
                "without customers only totals are known: right if no order names a person, otherwise wrong",
                severity="warning",
            ),
            *not_negative(["lifetime_gross_revenue", "lifetime_refund_amount"], MONEY_WHY),
            *not_negative(["lifetime_net_revenue"], MONEY_WHY, severity="warning"),
            *not_negative(["counted_order_count"], COUNT_WHY),
            in_range("relationship_strength", 0, 100, SCALE_WHY),
            _not_after_as_of("first_seen_at", ends_at),
            _not_after_as_of("last_order_at", ends_at),
            aggregate_between(
                "lost_share_of_buyers",
                _share("relationship_stage = 'lost'", among="counted_order_count > 0"),
                "nearly all buyers lost means stale orders or a wrong lapse window",
                maximum=LOST_SHARE_EXPECTED,
                severity="warning",
                column="relationship_stage",
            ),
        ),
        _suite(
            "core.fct_orders",
            *not_negative(
                ["items_amount", "discount_amount", "refund_amount", "shipping_amount"], MONEY_WHY
            ),
            *not_negative(["tax_amount"], MONEY_WHY),
            no_records(
                "net_amount_of_counted_not_negative",
                "is_counted and net_amount < 0",
                "an order that counts brings revenue; below zero its discount is suspect",
                severity="warning",
                column="net_amount",
            ),
            aggregate_between(
                "identified_share",
                _share("customer_id is not null"),
                "orders of unidentified people are in totals but belong to no customer",
                minimum=IDENTIFIED_SHARE_EXPECTED,
                severity="warning",
                column="customer_id",
            ),
            aggregate_between(
                "counted_share",
                _share("is_counted"),
                "few counted orders mean that statuses or payments are mapped wrongly",
                minimum=COUNTED_SHARE_EXPECTED,
                severity="warning",
                column="is_counted",
            ),
        ),
        _suite("core.fct_reviews", in_range("rating", 1, 5, SCALE_WHY)),
        _suite("core.fct_customer_activities", _not_after_as_of("occurred_at", ends_at)),
    ]


def _lifecycle() -> list[Suite]:
    return [
        _suite(
            "lifecycle.fct_customer_stage_intervals",
            *not_negative(["duration_days"], "an interval cannot end before it begins"),
            no_records(
                "entry_number_from_1",
                "entry_number < 1",
                "the first entry into a stage has number 1",
                column="entry_number",
            ),
        ),
        _suite(
            "lifecycle.fct_lifecycle_stages_daily",
            *not_negative(["customer_count", "entered_count", "exited_count"], COUNT_WHY),
        ),
        _suite(
            "lifecycle.rpt_stage_transition_matrix",
            *not_negative(["customer_count"], COUNT_WHY),
            *rates(["probability", "monthly_rate"]),
            is_optional=True,
        ),
        _suite(
            "lifecycle.fct_customer_cohorts_monthly",
            *rates(["retention_rate"]),
            *not_negative(
                ["months_since_first_order", "cohort_size", "active_customers"], COUNT_WHY
            ),
        ),
    ]


def _stages(ends_at: datetime) -> list[Suite]:
    return [
        _suite(
            f"lifecycle.customers_in_{stage}",
            *not_negative(["days_in_stage"], "a customer cannot be in a stage before entering it"),
            _not_after_as_of("stage_since", ends_at),
        )
        for stage in STAGES
    ]


def _value() -> list[Suite]:
    return [
        _suite(
            "value.fct_customer_lifetime_value",
            *not_negative(["frequency", "recency", "age"], COUNT_WHY),
            no_records(
                "recency_not_above_age",
                "recency > age",
                "the last purchase cannot come after the end of observation",
                column="recency",
            ),
            *rates(["probability_alive"]),
            *not_negative(["expected_orders_12m", "predicted_revenue_12m"], COUNT_WHY),
            # The mean may lie above its interval, as few customers contribute most of the revenue.
            no_records(
                "intervals_hold_one_another",
                "not (0 <= predicted_revenue_12m_low_95"
                " and predicted_revenue_12m_low_95 <= predicted_revenue_12m_low"
                " and predicted_revenue_12m_low <= predicted_revenue_12m_high"
                " and predicted_revenue_12m_high <= predicted_revenue_12m_high_95)",
                "the 95 % interval holds the 80 % interval, and neither is below 0",
                column="predicted_revenue_12m_low",
            ),
        ),
        _suite(
            "value.fct_customer_rfm",
            *(
                in_range(f"{score}_score", 1, 5, SCALE_WHY)
                for score in ("recency", "frequency", "monetary")
            ),
            *not_negative(["days_since_last_order", "order_count"], COUNT_WHY),
        ),
        _suite(
            "value.rpt_rfm_stages",
            *not_negative(["customer_count"], COUNT_WHY),
            *rates(["segment_share", "stage_share"]),
        ),
    ]


def _suite(relation: str, *expectations: Expectation, is_optional: bool = False) -> Suite:
    schema, _, table = relation.partition(".")
    entity = table.removeprefix("dim_").removeprefix("fct_").removeprefix("rpt_")
    return Suite(f"{schema}_{entity}", relation, expectations, is_optional=is_optional)


def _share(condition: str, *, among: str = "true") -> str:
    """SQL of the share of records that meet `condition` among those that meet `among`; null when there are
    too few."""
    base = f"count(*) filter (where {among})"
    part = f"count(*) filter (where ({among}) and ({condition}))"
    return f"case when {base} >= {ENOUGH_RECORDS} then round({part} * 1.0 / {base}, 4) end"


def _not_after_as_of(column: str, ends_at: datetime) -> Expectation:
    return no_records(
        f"{column}_before_as_of",
        f"{column} >= timestamp '{ends_at.isoformat()}'",
        "an event at or after the build's logical end does not count yet",
        column=column,
    )
