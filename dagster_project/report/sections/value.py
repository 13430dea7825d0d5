"""What customers are expected to bring in, and how far to believe it. Does not belong here: the pictures that
judge the models (`diagnostics.py`)."""

from __future__ import annotations

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
    "naive": "the naive forecast (everybody goes on as so far)",
    "nbd": "NBD",
    "bg_nbd": "BG/NBD",
    "mbg_nbd": "MBG/NBD",
    "pareto_nbd": "Pareto/NBD",
    "gamma_gamma": "Gamma-Gamma",
}
REASONS = {
    "scored": "predicted by the champion",
    "fallback_no_dropout": "predicted as if nobody left: no sign that somebody does",
    "spend_not_modelled": "orders predicted; money by observed means, without an interval",
    "no_orders": "never bought, so nothing to predict from",
    "no_model": "no forecast: too few customers or returns to fit a model",
    "not_better_than_naive": "no forecast: no model was better than the naive one",
}


def section(served: Served) -> Section:
    """Predicted revenue, by whom, and how the champion did on the held-out past."""
    name, title = "value", "Value to come"
    reasons = served.rows(
        """
        select reason_code, count(*) as customer_count
        from value.fct_customer_lifetime_value group by 1 order by 2 desc, 1
        """
    )
    if not reasons:
        return Section(name, title, paragraph("No customers are known yet.", "none"))
    told = table(
        "Customers by what is predicted of them",
        ["Reason code", "Meaning", "Customers"],
        [
            (r["reason_code"], REASONS.get(r["reason_code"], NOTHING), r["customer_count"])
            for r in reasons
        ],
    )
    champion = served.rows(
        "from value.lifetime_value_models where is_champion and component = 'purchases' order by model_id"
    )
    if not champion:
        why = next(
            (r["reason_code"] for r in reasons if r["reason_code"] != "no_orders"), "no_orders"
        )
        lead = f"No forecast: {REASONS.get(why, why).removeprefix('no forecast: ')} ({why})."
        return Section(name, title, paragraph(lead, "none") + told)
    return Section(name, title, _predicted(served) + _judged(served, champion[0]) + told)


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
        "The sum is of customers known today: new ones come on top. It knows no season, no campaign and"
        " no new price. An interval of one customer is mostly luck and often starts at 0, and intervals"
        " do not add up, so none is given for the sum. A low chance of being alive says that nothing"
        " was bought for long, not that an offer would help.",
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
        f" {number(champion['customer_count'])} customers. Before it was chosen, it had to forecast a past"
        " that was held back."
    ]
    mae, relative = champion["holdout_mae"], champion["holdout_relative_mae"]
    if mae is not None and relative:
        sentences.append(
            f"It missed a customer's purchase days by {mae:.2f} on average, the naive forecast by"
            f" {mae / relative:.2f}."
        )
    if (error := champion["holdout_aggregate_error"]) is not None:
        sentences.append(
            f"All customers together, it said {percent(abs(error))} too"
            f" {'many' if error > 0 else 'few'}."
        )
    if (held := champion["holdout_coverage_80"]) is not None:
        sentences.append(
            "Of 10 forecasts with an 80 % interval, the truth lay within"
            f" {10 * held:.1f} (8 would be right)."
        )
    if (off := champion["holdout_active_calibration_error"]) is not None:
        sentences.append(
            "Where it gave a chance of buying, the share that did was off by"
            f" {100 * off:.1f} percentage points on average."
        )
    models = served.rows(
        """
        from value.lifetime_value_models where component = 'purchases'
        order by is_champion desc, holdout_rmse nulls last, model_id
        """
    )
    tried = table(
        "Models tried on the held-back past",
        ["Model", "Champion", "Outcome", "Mean miss", "Root mean square miss",
         "Total off by", "In 80 % interval"],
        [
            (
                family(m["family"]),
                m["is_champion"],
                m["status"],
                _two(m["holdout_mae"]),
                _two(m["holdout_rmse"]),
                percent(m["holdout_aggregate_error"]),
                percent(m["holdout_coverage_80"]),
            )
            for m in models
        ],
    )  # fmt: skip
    return subtitle("How far to believe it") + paragraph(" ".join(sentences)) + tried


def _two(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"
