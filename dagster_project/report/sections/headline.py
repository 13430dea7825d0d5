"""The headline numbers. Does not belong here: anything that needs a chart."""

from __future__ import annotations

from dagster_project.report.page import Section, facts, number, paragraph, percent
from dagster_project.report.reading import Served

TABLES = ("core.dim_customers", "core.fct_orders", "meta.build_info")


def section(served: Served) -> Section:
    """Customers, revenue, repeat rate, and the build they come from."""
    customers = served.row(
        """
        select
            count(*) as customer_count,
            count(*) filter (is_marketable) as marketable_count,
            count(*) filter (counted_order_count >= 1) as buyer_count,
            count(*) filter (counted_order_count >= 2) as repeat_buyer_count
        from core.dim_customers
        """
    )
    orders = served.row(
        """
        select
            count(*) filter (is_counted) as counted_order_count,
            count(*) as order_count,
            coalesce(sum(net_amount) filter (is_counted), 0) as net_revenue,
            coalesce(sum(net_amount) filter (is_counted and customer_id is null), 0) as unknown_revenue
        from core.fct_orders
        """
    )
    build, currency = served.build, served.currency
    buyers, again = customers["buyer_count"], customers["repeat_buyer_count"]
    checks = build["passed_check_count"], build["warned_check_count"], build["failed_check_count"]
    shown = facts(
        [
            (
                "Customers known",
                number(customers["customer_count"]),
                "people with at least one activity",
            ),
            (
                "May be contacted",
                number(customers["marketable_count"]),
                "agreed to marketing and can be reached",
            ),
            ("Buyers", number(buyers), "with at least one order that counts"),
            (
                "Repeat purchase rate",
                percent(again / buyers if buyers else None),
                f"{number(again)} of {number(buyers)} buyers ordered twice or more",
            ),
            (
                "Orders that count",
                number(orders["counted_order_count"]),
                f"of {number(orders['order_count'])} orders, cancelled and failed ones included",
            ),
            (
                f"Net revenue, {currency or 'no currency'}",
                number(orders["net_revenue"]),
                f"items less discounts and refunds; {number(orders['unknown_revenue'])} of it from"
                " unidentified buyers",
            ),
            (
                "Checks passed",
                f"{number(checks[0])} of {number(sum(checks))}",
                f"{number(checks[1])} warned; a build that fails one is not published",
            ),
            ("As of", str(build["as_of"]), "everything before this day (UTC) counts"),
        ]
    )
    origin = paragraph(
        f"Build {build['build_id']}, made {number(build['built_at'])} UTC by version"
        f" {build['code_version']} from {number(build['input_load_count'])} deliveries of:"
        f" {build['systems'].replace(',', ', ')}.",
        "note",
    )
    return Section("headline", "At a glance", shown + origin)
