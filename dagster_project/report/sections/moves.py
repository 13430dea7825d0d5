"""How customers move between stages, and how far they get. Does not belong here: forecasts of stages
(`outlook.py`)."""

from __future__ import annotations

from dagster_project.report import charts
from dagster_project.report.page import (
    Section,
    Share,
    figure,
    paragraph,
    subtitle,
    table,
)
from dagster_project.report.reading import Served
from dagster_project.report.sections.stages import title

TABLES = (
    "core.dim_lifecycle_stages",
    "lifecycle.rpt_stage_transition_matrix",
    "lifecycle.rpt_lifecycle_funnel",
)


def moves(served: Served) -> Section:
    """The moves of all months, by stage left and stage entered."""
    body = "".join(subtitle(title(code)) + _matrix(served, code) for code in served.lifecycles)
    return Section("moves", "Moves between stages", body)


def funnel(served: Served) -> Section:
    """Of all customers, how many reached a stage, went on, skipped it or fell back."""
    body = "".join(subtitle(title(code)) + _funnel(served, code) for code in served.lifecycles)
    return Section("funnel", "How far customers come", body)


def _matrix(served: Served, lifecycle: str) -> str:
    found = served.rows(
        f"""
        select
            from_stage,
            to_stage,
            cast(sum(move_count) as bigint) as move_count,
            sum(move_count) / sum(sum(move_count)) over (partition by from_stage) as share
        from lifecycle.rpt_stage_transition_matrix
        where lifecycle = '{lifecycle}'
        group by from_stage, to_stage
        order by move_count desc, from_stage, to_stage
        """
    )
    if not found:
        return paragraph("Nobody has moved from one stage to another yet.", "none")
    names = [stage.english for stage in served.lifecycles[lifecycle]]
    points = [
        {
            "from": served.label(lifecycle, row["from_stage"]),
            "to": served.label(lifecycle, row["to_stage"]),
            "share": row["share"],
        }
        for row in found
    ]
    first = points[0]
    drawn = figure(
        charts.heat(
            points,
            x="to",
            y="from",
            share="share",
            x_title="went to",
            y_title="who left",
            x_order=names,
            y_order=names,
        ),
        "Of the moves out of a stage (rows), the share that led to each other stage (columns). Customers"
        f" who did not move are not counted. Most frequent: {first['from']} to {first['to']},"
        f" {found[0]['move_count']} moves.",
    )
    counts = {(row["from_stage"], row["to_stage"]): row["move_count"] for row in found}
    stages = served.lifecycles[lifecycle]
    rows = [
        (row.english, *(counts.get((row.code, column.code), "") for column in stages))
        for row in stages
    ]
    return drawn + table("Moves, all months", ["Left \N{RIGHTWARDS ARROW} entered", *names], rows)


def _funnel(served: Served, lifecycle: str) -> str:
    found = {
        row["stage"]: row
        for row in served.rows(
            f"""
            select
                stage,
                cast(sum(cohort_size) as bigint) as cohort_size,
                cast(sum(entered_count) as bigint) as entered_count,
                cast(sum(converted_count) as bigint) as converted_count,
                cast(sum(skipped_count) as bigint) as skipped_count,
                cast(sum(regressed_count) as bigint) as regressed_count,
                count(conversion_rate) > 0 as has_next
            from lifecycle.rpt_lifecycle_funnel
            where lifecycle = '{lifecycle}'
            group by stage
            """
        )
    }
    if not found:
        return paragraph("No customers are known yet.", "none")
    stages = [stage for stage in served.lifecycles[lifecycle] if stage.code in found]
    drawn = figure(
        charts.bars(
            [{"stage": s.english, "n": found[s.code]["entered_count"]} for s in stages],
            x="n",
            y="stage",
            x_title="customers who were ever in the stage",
            order=[stage.english for stage in stages],
        ),
        f"Of {found[stages[0].code]['cohort_size']} customers, how many were ever in each stage.",
    )
    rows = []
    for stage in stages:
        row = found[stage.code]
        converts = row["has_next"] and row["entered_count"]
        rate = row["converted_count"] / row["entered_count"] if converts else None
        rows.append(
            (
                stage.english,
                stage.czech,
                row["entered_count"],
                row["converted_count"] if row["has_next"] else "",
                Share(rate),
                row["skipped_count"],
                row["regressed_count"],
            )
        )
    headers = ["Stage", "Czech", "Came", "Went on", "Share", "Skipped it", "Fell back from it"]
    return drawn + table("Customers, each counted once a stage", headers, rows)
