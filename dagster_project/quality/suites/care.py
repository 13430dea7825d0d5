"""Rules for the marts of the schema care, checked before publication. Belongs here: ranges of their contracted
columns. Does not belong here: keys, relations, accepted codes and reconciliations (dbt tests), business logic
(dbt unit tests)."""

from __future__ import annotations

from dagster_project.quality.suites.model import (
    COUNT_WHY,
    Suite,
    in_order,
    no_records,
    not_negative,
    rates,
)

INTERVAL_WHY = "an estimate lies within its interval"
ORDER_WHY = "an outcome cannot precede its cause"


def care_suites() -> list[Suite]:
    """The suites of the marts about lost customers and win-backs."""
    return [
        Suite(
            "care_churn_reasons",
            "care.fct_churn_reasons",
            (
                no_records(
                    "reason_rank_from_1",
                    "reason_rank < 1",
                    "the strongest reason of a lost interval has rank 1",
                    column="reason_rank",
                ),
                in_order("lost_at", "returned_at", ORDER_WHY),
            ),
        ),
        *(
            Suite(
                f"care_{table}",
                f"care.rpt_{table}",
                (
                    *rates([f"share_among_{cases}", "share_among_others"]),
                    no_records(
                        "drivers_are_above_chance",
                        "is_driver <> coalesce(lift_low > 1, false) or is_driver = (reason_code is not null)",
                        "a driver's interval is above 1, and what is none has a reason",
                        column="is_driver",
                    ),
                    in_order("lift_low", "lift", INTERVAL_WHY),
                    in_order("lift", "lift_high", INTERVAL_WHY),
                ),
            )
            for table, cases in (
                ("churn_drivers", "lost"),
                ("second_order_drivers", "returned"),
            )
        ),
        Suite(
            "care_lost_returns",
            "care.rpt_lost_returns",
            (
                *rates(["return_share_low", "return_share_high"]),
                in_order("return_share_low", "return_share", INTERVAL_WHY),
                in_order("return_share", "return_share_high", INTERVAL_WHY),
            ),
        ),
        Suite(
            "care_win_backs",
            "care.fct_win_backs",
            (
                *not_negative(["days_lost_at_attempt", "days_to_return"], ORDER_WHY),
                *not_negative(["order_count_in_window"], COUNT_WHY),
            ),
        ),
        Suite(
            "care_outcomes",
            "care.fct_care_outcomes",
            (
                *rates(["treated_order_rate", "untreated_order_rate"]),
                no_records(
                    "customers_not_above_intervals",
                    "treated_customer_count > treated_interval_count"
                    " or untreated_customer_count > untreated_interval_count",
                    "each customer of a group has at least one interval in it",
                    column="treated_customer_count",
                ),
            ),
        ),
    ]
