"""Rules for the input layer, whichever source filled it. Belongs here: domains, ranges and shapes of
single columns. Does not belong here: keys, relations and closed lists of codes (dbt tests), and the rules
of a format for delivered text (ingestion)."""

from __future__ import annotations

from datetime import date

from dagster_project.quality.suites.model import (
    Expectation,
    Suite,
    in_order,
    in_range,
    matches,
    no_records,
    not_negative,
    plausible_times,
)

MONEY_WHY = "a negative amount reverses the sign of revenue, refunds or costs"
SCALE_WHY = "scores off the scale make satisfied and dissatisfied customers look alike"
CURRENCY_PATTERN = "^[A-Z]{3}$"
COUNTRY_PATTERN = "^[A-Z]{2}$"
EMAIL_PATTERN = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


def input_suites(as_of: date) -> list[Suite]:
    """The suites `input_<entity>` of the 14 input tables for a build ending at `as_of`."""
    return [
        _suite(
            "contacts",
            _email(),
            matches(
                "country_code",
                COUNTRY_PATTERN,
                "personas and reports group by ISO 3166 country codes",
                severity="warning",
            ),
            *plausible_times(
                ["created_at", "updated_at", "deleted_at", "exited_at", "birth_date"], as_of
            ),
        ),
        _suite(
            "interactions",
            _email(),
            in_range("sentiment", -1, 1, SCALE_WHY),
            *plausible_times(["occurred_at"], as_of),
        ),
        _suite(
            "support_tickets",
            _email(),
            in_range("satisfaction", 1, 5, SCALE_WHY),
            in_order("opened_at", "first_response_at", "response times would be negative"),
            in_order("opened_at", "resolved_at", "solution times would be negative"),
            *plausible_times(["opened_at", "first_response_at", "resolved_at"], as_of),
        ),
        _suite(
            "orders",
            _email(),
            *not_negative(
                ["items_amount", "discount_amount", "shipping_amount", "tax_amount"], MONEY_WHY
            ),
            no_records(
                "discount_not_above_items",
                "discount_amount > items_amount",
                "an order whose discount exceeds its items has negative revenue",
                severity="warning",
                column="discount_amount",
            ),
            _currency(),
            in_order("ordered_at", "delivered_at", "delivery would precede the order"),
            *plausible_times(["ordered_at", "delivered_at", "promised_at", "updated_at"], as_of),
        ),
        _suite(
            "order_lines",
            *not_negative(["quantity", "unit_price", "discount_amount", "unit_cost"], MONEY_WHY),
        ),
        _suite(
            "payments",
            *not_negative(["amount"], MONEY_WHY),
            *plausible_times(["paid_at"], as_of),
        ),
        _suite(
            "refunds",
            *not_negative(["amount"], MONEY_WHY),
            *plausible_times(["refunded_at"], as_of),
        ),
        _suite(
            "checkouts",
            _email(),
            *not_negative(["amount"], MONEY_WHY),
            in_order("started_at", "completed_at", "time to order would be negative"),
            in_order("started_at", "abandoned_at", "the checkout would end before it began"),
            *plausible_times(
                ["started_at", "shipping_at", "payment_at", "completed_at", "abandoned_at"], as_of
            ),
        ),
        _suite("products", *not_negative(["unit_cost"], MONEY_WHY)),
        _suite(
            "reviews",
            _email(),
            in_range("rating", 1, 5, SCALE_WHY),
            *plausible_times(["reviewed_at", "reply_at"], as_of),
        ),
        _suite(
            "survey_responses",
            _email(),
            no_records(
                "nps_score_in_range",
                "kind = 'nps' and not (score between 0 and 10)",
                SCALE_WHY,
                severity="warning",  # one odd answer must not stop the build
                column="score",
            ),
            *not_negative(["score"], SCALE_WHY, severity="warning"),
            *plausible_times(["responded_at"], as_of),
        ),
        _suite("referrals", _email(), *plausible_times(["referred_at"], as_of)),
        _suite(
            "loyalty_entries",
            _email(),
            no_records(
                "earned_points_not_negative",
                "kind = 'earn' and points < 0",
                "negative points are not earned; the entry is of another kind",
                severity="warning",
                column="points",
            ),
            *plausible_times(["occurred_at"], as_of),
        ),
        _suite(
            "currency_rates",
            _currency(),
            no_records(
                "rate_is_positive",
                "rate <= 0",
                "a rate of zero or less cancels or reverses the revenue of a whole day",
                column="rate",
            ),
            *plausible_times(["rate_date"], as_of),
        ),
    ]


def _suite(entity: str, *expectations: Expectation) -> Suite:
    return Suite(f"input_{entity}", f"input.input_{entity}", expectations)


def _currency() -> Expectation:
    why = "amounts are converted by ISO 4217 code; any other text finds no rate"
    return matches("currency_code", CURRENCY_PATTERN, why)


def _email() -> Expectation:
    why = "text that is no e-mail address joins no one, or joins strangers who share a placeholder"
    return matches("email", EMAIL_PATTERN, why, severity="warning")
