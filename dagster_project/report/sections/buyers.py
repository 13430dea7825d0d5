"""Buyers by month of first purchase and by how they buy. Does not belong here: their future value
(`value.py`)."""

from __future__ import annotations

from datetime import date

from dagster_project.report import charts
from dagster_project.report.page import (
    Section,
    Share,
    figure,
    folded,
    month,
    paragraph,
    percent,
    table,
    words,
)
from dagster_project.report.reading import Served

TABLES = ("lifecycle.fct_customer_cohorts_monthly", "value.fct_customer_rfm", "core.dim_customers")
SHOWN_COHORTS = 24
SHOWN_MONTHS = 12
_BUYERS = "select count(*) as buyer_count from value.fct_customer_rfm"


def cohorts(served: Served) -> Section:
    """Retention by month of first purchase."""
    name, title = "cohorts", "Do new buyers come back?"
    found = served.rows(
        f"""
        select cohort_month, months_since_first_order as k, cohort_size, retention_rate,
            active_customers, cumulative_net_revenue
        from lifecycle.fct_customer_cohorts_monthly
        where months_since_first_order <= {SHOWN_MONTHS} and cohort_month in (
            select distinct cohort_month from lifecycle.fct_customer_cohorts_monthly
            order by cohort_month desc limit {SHOWN_COHORTS}
        )
        order by cohort_month, k
        """
    )
    if not found:
        return Section(name, title, paragraph("Nobody has bought yet.", "none"))
    sizes: dict[date, int] = {row["cohort_month"]: row["cohort_size"] for row in found}
    later = [row for row in found if row["k"] > 0]
    points = [
        {"cohort": month(row["cohort_month"]), "k": row["k"], "share": row["retention_rate"]}
        for row in later
    ]
    first = [row for row in later if row["k"] == 1]
    kept = sum(r["active_customers"] for r in first), sum(r["cohort_size"] for r in first)
    body = (
        figure(
            charts.heat(
                points,
                x="k",
                y="cohort",
                share="share",
                x_title="months after the month of the first purchase",
                y_title="first purchase",
                x_order=sorted({row["k"] for row in later}),
                y_order=[
                    month(day) for day in sizes if any(r["cohort_month"] == day for r in later)
                ],
            ),
            "Share of the customers who first bought in a month (rows) and bought again in the k-th"
            f" month after it (columns). In the month after, {kept[0]} of {kept[1]} did"
            f" ({percent(kept[0] / kept[1])}). The last month may be incomplete.",
        )
        if later
        else paragraph("No buyer has had a whole month to come back yet.", "none")
    )
    earned = {row["cohort_month"]: row["cumulative_net_revenue"] for row in found}
    rates = {(row["cohort_month"], row["k"]): row["retention_rate"] for row in found}
    months = [k for k in (1, 2, 3, 6, 9, 12) if any(key[1] == k for key in rates)]
    numbers = table(
        "Cohorts by month of first purchase",
        [
            "First purchase",
            "Customers",
            *(f"Month {k}" for k in months),
            f"Net revenue within {SHOWN_MONTHS} months, {served.currency}",
        ],
        [
            (month(day), size, *(Share(rates.get((day, k))) for k in months), earned[day])
            for day, size in sizes.items()
        ],
    )
    return Section(name, title, body + folded("The numbers, by cohort", numbers))


def segments(served: Served) -> Section:
    """Buyers by recency, frequency and money."""
    name, title = "segments", "Buyers by how they buy (RFM)"
    found = served.rows(
        """
        select
            segment, count(*) as customer_count, sum(net_revenue) as net_revenue,
            round(median(days_since_last_order))::bigint as days,
            round(avg(order_count), 1)::double as orders
        from value.fct_customer_rfm
        where segment is not null
        group by segment
        order by sum(net_revenue) desc, segment
        """
    )
    if not found:
        has_buyers = served.row(_BUYERS)["buyer_count"] > 0
        why = "Too few buyers to compare them." if has_buyers else "Nobody has bought yet."
        return Section(name, title, paragraph(why, "none"))
    total = sum(row["net_revenue"] for row in found)
    best = found[0]
    drawn = figure(
        charts.bars(
            [{"segment": words(row["segment"]), "n": row["customer_count"]} for row in found],
            x="n",
            y="segment",
            x_title="customers",
            order=[words(row["segment"]) for row in found],
        ),
        "Buyers per segment, by how recently and how often they bought compared with other buyers. The"
        f" segment with the most revenue comes first: {words(best['segment'])},"
        f" {percent(float(best['net_revenue'] / total) if total else None)} of it.",
    )
    numbers = table(
        "Segments",
        [
            "Segment",
            "Customers",
            f"Net revenue, {served.currency}",
            "Share of revenue",
            "Orders each",
            "Days since the last order (median)",
        ],
        [
            (
                words(row["segment"]),
                row["customer_count"],
                row["net_revenue"],
                Share(float(row["net_revenue"] / total) if total else None),
                row["orders"],
                row["days"],
            )
            for row in found
        ],
    )
    return Section(name, title, drawn + numbers)
