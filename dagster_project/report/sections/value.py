"""The revenue that customers are expected to bring, and how reliable the forecast is. Does not belong here: the
models' diagnostic plots (`diagnostics.py`)."""

from __future__ import annotations

import json

from dagster_project.report import charts
from dagster_project.report.page import (
    NOTHING,
    Section,
    facts,
    figure,
    number,
    paragraph,
    percent,
    subtitle,
    table,
)
from dagster_project.report.reading import Row, Served

TABLES = (
    "value.fct_customer_lifetime_value",
    "value.lifetime_value_models",
    "core.dim_customers",
    "core.dim_lifecycle_stages",
)
FAMILIES = {
    "naive": "the naive forecast (customers go on buying as before)",
    "nbd": "NBD",
    "bg_nbd": "BG/NBD",
    "mbg_nbd": "MBG/NBD",
    "pareto_nbd": "Pareto/NBD",
    "gamma_gamma": "Gamma-Gamma",
}
REASONS = {
    "scored": "predicted by the champion",
    "fallback_no_dropout": "predicted without dropout, as the data show no sign of customers leaving",
    "spend_not_modelled": "orders predicted; money from observed means, without an interval",
    "no_orders": "never bought, so nothing to predict from",
    "intervals_do_not_hold": "predicted; intervals did not hold what they say in the past and are left out",
    "history_too_short": "no forecast: too little history to test one on",
    "no_model": "no forecast: too few customers or returns to fit a model",
    "not_better_than_naive": "a guess: no model was better than going on as before",
}


def section(served: Served) -> Section:
    """Predicted revenue, the model it comes from, and the champion's results in the backtest."""
    name, title = "value", "Value to come"
    reasons = served.rows(
        """
        select reason_code, count(*) as customer_count
        from value.fct_customer_lifetime_value group by 1 order by 2 desc, 1
        """
    )
    if not reasons:
        return Section(name, title, paragraph("No customers are known yet.", "none"))
    reason_counts = table(
        "Customers by kind of prediction",
        ["Reason code", "Meaning", "Customers"],
        [
            (r["reason_code"], REASONS.get(r["reason_code"], NOTHING), r["customer_count"])
            for r in reasons
        ],
    )
    champion = served.rows(
        "from value.lifetime_value_models where is_champion and component = 'purchases' order by model_id"
    )
    if not champion and all(r["reason_code"] != "not_better_than_naive" for r in reasons):
        why = next(
            (r["reason_code"] for r in reasons if r["reason_code"] != "no_orders"), "no_orders"
        )
        lead = f"No forecast: {REASONS.get(why, why).removeprefix('no forecast: ')} ({why})."
        return Section(name, title, paragraph(lead, "none") + reason_counts)
    judged = _judged(served, champion[0]) if champion else _guessed(served)
    return Section(name, title, _predicted(served) + judged + reason_counts)


def family(code: str) -> str:
    """A model's name as the literature writes it."""
    if code.startswith("mbg_cnbd_"):
        return f"MBG/CNBD-{code.removeprefix('mbg_cnbd_')}"
    return FAMILIES.get(code, code)


def _predicted(served: Served) -> str:
    total = served.row(
        """
        select
            count(predicted_revenue_12m) as customer_count,
            coalesce(sum(predicted_revenue_12m), 0) as revenue,
            sum(expected_orders_12m::decimal(18, 6))::double as orders,
            count(*) filter (probability_alive < 0.5) as gone_count
        from value.fct_customer_lifetime_value
        """
    )
    shown = facts(
        [
            (
                f"Predicted net revenue, 12 months, {served.currency}",
                number(total["revenue"]),
                f"sum over {number(total['customer_count'])} customers, discounted to today",
            ),
            ("Expected purchase days", number(total["orders"]), "of the same customers"),
            (
                "Probably gone",
                number(total["gone_count"]),
                "customers less likely than not to ever buy again",
            ),
        ]
    )
    caveat = paragraph(
        "The sum covers customers known today; new customers come on top. It does not include seasons,"
        " campaigns or new prices. The interval of a single customer is mostly luck and often starts at 0."
        " Intervals do not add up. A low chance of being alive means that the"
        " customer has not bought for a long time, not that an offer would help.",
        "note",
    )
    by_stage = served.rows(
        """
        select stages.label_en as stage, stages.label_cs as czech, count(*) as customer_count,
            sum(scores.predicted_revenue_12m) as revenue
        from value.fct_customer_lifetime_value as scores
        inner join core.dim_customers as customers using (customer_id)
        inner join core.dim_lifecycle_stages as stages
            on stages.lifecycle = 'relationship' and stages.stage = customers.relationship_stage
        where scores.predicted_revenue_12m is not null
        group by stages.rank, stages.label_en, stages.label_cs
        order by stages.rank
        """
    )
    if not by_stage:
        return shown + caveat
    drawn = figure(
        charts.bars(
            [{"stage": row["stage"], "n": round(row["revenue"])} for row in by_stage],
            x="n",
            y="stage",
            x_title=f"predicted net revenue in 12 months, {served.currency}",
            order=[row["stage"] for row in by_stage],
        ),
        "Predicted net revenue of the next 12 months by the stage customers are in now.",
    )
    numbers = table(
        "Predicted net revenue by relationship stage",
        ["Stage", "Czech", "Customers", f"Predicted, {served.currency}"],
        [(row["stage"], row["czech"], row["customer_count"], row["revenue"]) for row in by_stage],
    )
    return shown + caveat + drawn + numbers


def _judged(served: Served, champion: Row) -> str:
    sentences = [
        f"The champion is {family(champion['family'])}, fitted to"
        f" {number(champion['customer_count'])} customers. It is the likeliest by all history, and its"
        " forecasts from past days beat going on as before and last year's purchases."
    ]
    mae, relative = champion["holdout_mae"], champion["holdout_relative_mae"]
    if mae is not None and relative:
        sentences.append(
            f"It missed a customer's purchase days by {mae:.2f} on average, the naive forecast by"
            f" {mae / relative:.2f}."
        )
    if (error := champion["holdout_aggregate_error"]) is not None:
        sentences.append(
            f"For all customers together, its total was {percent(abs(error))} too"
            f" {'high' if error > 0 else 'low'}."
        )
    if (held := champion["holdout_coverage_80"]) is not None:
        sentences.append(
            "Of 10 forecasts with an 80 % interval, the actual number was within the interval in"
            f" {10 * held:.1f} (8 would be right)."
        )
    if (off := champion["holdout_active_calibration_error"]) is not None:
        sentences.append(
            "The share of customers who bought differed from the predicted chance by"
            f" {100 * off:.1f} percentage points on average."
        )
    if (low := champion["expected_orders_12m_low"]) is not None:
        sentences.append(
            f"Of all customers together it expects {number(champion['expected_orders_12m'])} purchase days in"
            f" 12 months, between {number(low)} and {number(champion['expected_orders_12m_high'])} with 95 %"
            " chance, as far as past totals were off."
        )
    models = served.rows(
        """
        from value.lifetime_value_models where component = 'purchases'
        order by is_champion desc, comparable_log_likelihood desc nulls last, model_id
        """
    )
    candidates = table(
        "Candidates",
        ["Model", "Champion", "Outcome", "Log-likelihood", "At a boundary"],
        [
            (
                family(m["family"]),
                m["is_champion"],
                m["status"],
                number(m["comparable_log_likelihood"]),
                ", ".join(json.loads(m["at_boundary"] or "[]")) or NOTHING,
            )
            for m in models
        ],
    )  # fmt: skip
    return subtitle("How reliable it is") + paragraph(" ".join(sentences)) + candidates


def _guessed(served: Served) -> str:
    [method] = served.rows(
        "select max(orders_method) as orders from value.fct_customer_lifetime_value"
    )
    guess = {"naive": "the rate so far", "last_year": "the year before"}
    return subtitle("How reliable it is") + paragraph(
        "No model forecast the past better than a guess, so that what is shown is the guess: purchases as in"
        f" {guess.get(method['orders'], 'the past')}. It has no interval.",
        "note",
    )
