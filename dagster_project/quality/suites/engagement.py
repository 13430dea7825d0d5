"""Rules for the marts of the schema engagement, checked before publication. Belongs here: ranges of their
contracted columns. Does not belong here: care (`care.py`), keys, relations, accepted codes and
reconciliations (dbt tests), business logic (dbt unit tests)."""

from __future__ import annotations

from dagster_project.quality.suites.model import (
    COUNT_WHY,
    SCALE_WHY,
    Suite,
    in_range,
    no_records,
    not_negative,
    rates,
)

ORDER_WHY = "an outcome cannot precede its cause"
POINTS = ("recency", "frequency", "interaction", "satisfaction", "service")


def engagement_suites() -> list[Suite]:
    """The suites of the marts about touchpoints, support and loyalty."""
    return [*_ways_to_an_order(), *_after_the_order()]


def _ways_to_an_order() -> list[Suite]:
    return [
        Suite(
            "engagement_channel_attribution",
            "engagement.rpt_channel_attribution",
            tuple(not_negative(["credited_order_count"], COUNT_WHY)),
        ),
        Suite(
            "engagement_campaign_attribution",
            "engagement.rpt_campaign_attribution",
            tuple(not_negative(["credited_order_count"], COUNT_WHY)),
        ),
        Suite(
            "engagement_unattributed_orders",
            "engagement.rpt_unattributed_orders",
            (*not_negative(["order_count"], COUNT_WHY), *rates(["order_share"])),
        ),
        Suite(
            "engagement_content_performance",
            "engagement.rpt_content_performance",
            (
                *not_negative(["first_touch_order_count", "last_touch_order_count"], COUNT_WHY),
                *rates(["later_buyer_share", "later_buyer_base_share"]),
                *rates(["new_buyer_reach", "customer_reach"]),
                no_records(
                    "viewers_not_above_views",
                    "viewer_count > view_count",
                    "each viewer has at least one view of the item",
                    column="viewer_count",
                ),
            ),
        ),
        Suite(
            "engagement_checkout_funnel",
            "engagement.rpt_checkout_funnel",
            (
                *rates(["reach_rate", "abandonment_rate"]),
                *not_negative(["median_minutes_to_order"], ORDER_WHY, severity="warning"),
                no_records(
                    "no_more_leave_than_arrive",
                    "continued_count + abandoned_count > reached_count",
                    "a checkout that continued or was abandoned at a step had reached it",
                    column="reached_count",
                ),
                no_records(
                    "no_more_recovered_than_abandoned",
                    "recovered_count > abandoned_count",
                    "only an abandoned cart can be recovered",
                    column="recovered_count",
                ),
            ),
        ),
        Suite(
            "engagement_support_effect",
            "engagement.rpt_support_effect",
            (
                *rates(["deflection_rate", "self_service_rate"]),
                *rates(
                    [
                        f"{group}_conversion_rate"
                        for group in (
                            *("supported_decision", "unsupported_decision"),
                            *("reached_prospect", "unreached_prospect", "demo_prospect"),
                        )
                    ]
                ),
                *not_negative(["median_first_response_hours"], ORDER_WHY, severity="warning"),
            ),
        ),
    ]


def _after_the_order() -> list[Suite]:
    return [
        Suite(
            "engagement_post_purchase",
            "engagement.fct_post_purchase",
            (
                *not_negative(["minutes_to_thank_you", "hours_to_follow_up"], ORDER_WHY),
                in_range("csat_score", 1, 5, SCALE_WHY, severity="warning"),
            ),
        ),
        Suite(
            "engagement_advocacy",
            "engagement.rpt_advocacy",
            (
                in_range("average_rating", 1, 5, SCALE_WHY),
                in_range("net_promoter_score", -100, 100, SCALE_WHY),
                *rates(["referral_conversion_rate"]),
                *not_negative(["passive_count"], COUNT_WHY),
            ),
        ),
        Suite(
            "engagement_loyalty",
            "engagement.rpt_loyalty",
            (
                *not_negative(["member_count", "redeemed_points", "expired_points"], COUNT_WHY),
                *not_negative(
                    ["points_balance"],
                    "a negative balance of points means that entries are missing",
                    severity="warning",
                ),
                no_records(
                    "loyal_orders_are_orders",
                    "loyal_order_count > order_count",
                    "orders of loyal customers are among all orders",
                    column="loyal_order_count",
                ),
            ),
        ),
        Suite(
            "engagement_personas",
            "engagement.rpt_personas",
            (
                *not_negative(["customer_count"], COUNT_WHY),
                *rates(["customer_share"]),
            ),
        ),
        Suite(
            "engagement_relationship_strength",
            "engagement.fct_relationship_strength",
            (
                in_range("relationship_strength", 0, 100, SCALE_WHY),
                *(in_range(f"{part}_points", 0, 100, SCALE_WHY) for part in POINTS),
            ),
        ),
        Suite(
            "engagement_relationship_strength_backtest",
            "engagement.rpt_relationship_strength_backtest",
            (
                *rates(["auc", "auc_low", "auc_high", "held_out_auc"]),
                no_records(
                    "no_more_return_than_bought",
                    "returned_count > customer_count",
                    "only somebody who had bought can return",
                    column="returned_count",
                ),
            ),
        ),
    ]
