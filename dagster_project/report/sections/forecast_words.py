"""Forecasts in words: methods, and why a number is not published. Belongs here: words that the sections
share. Does not belong here: what is published (`forecasting/`)."""

from __future__ import annotations

METHODS = {
    "no_change": "nothing changes",
    "straight_line": "a straight line: the mean monthly change of the last year goes on",
    "recent_line": "a straight line: the mean monthly change of the last three months goes on",
    "fitted_line": "a straight line fitted to the last year",
    "same_months_last_year": "the same months last year",
    "same_changes_last_year": "the changes of the same months last year",
    "last_year_pro_rata": "the monthly mean of the last year",
    "chain": "monthly rates of moving from stage to stage",
    "tenure": "rates of leaving a stage by time in it; as many new customers as in the last year",
    "tenure_recent": "rates of leaving a stage by time in it; as many new customers as in the last"
    " three months",
    "tenure_trend": "rates of leaving a stage by time in it; new customers along the last year's line",
    "tenure_fading": "rates of leaving a stage by time in it; new customers fading as they did lately",
    "tenure_season": "rates of leaving a stage by time in it; new customers by season",
    "cohorts": "revenue per customer by time since the first order; as many new customers as in the last year",
    "cohorts_recent": "revenue per customer by time since the first order; new customers as in the last three"
    " months",
    "cohorts_trend": "revenue per customer by time since the first order; new customers along a line",
    "cohorts_fading": "revenue per customer by time since the first order; fading new customers",
    "cohorts_season": "revenue per customer by time since the first order; new customers by season",
}
REASONS = {
    "history_too_short": "too few whole months have been seen so far",
    "horizon_not_backtested": "too few past forecasts look so far ahead",
    "never_varied": "the number has never changed",
    "worse_than_baseline": "a simpler guess was better on the past",
    "intervals_do_not_hold": "80 % intervals did not hold 75 to 85 % of what happened",
}


def method_in_words(code: str) -> str:
    """The method as a phrase, with its code."""
    return f"{METHODS.get(code, code)} ({code})"


def reason_in_words(code: str) -> str:
    """Why a number is not published, as a phrase with its code."""
    return f"{REASONS.get(code, code)} ({code})"
