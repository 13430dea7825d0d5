"""The quality of the data behind the report: deliveries, quarantined records, checks that did not pass. Does
not belong here: the records themselves; the report only counts them."""

from __future__ import annotations

from dagster_project.report.page import Section, number, paragraph, table
from dagster_project.report.reading import Served

TABLES = ("meta.loads", "meta.data_quality_results", "meta.build_info")
SHOWN_CHECKS = 30


def section(served: Served) -> Section:
    """Loads and checks of this build."""
    return Section("quality", "Quality of the data", _loads(served) + _checks(served))


def _loads(served: Served) -> str:
    found = served.rows(
        """
        select
            system, entity, count(*) as load_count,
            coalesce(sum(physical_records), 0)::bigint as physical,
            coalesce(sum(accepted_records), 0)::bigint as accepted,
            coalesce(sum(quarantined_records), 0)::bigint as quarantined,
            coalesce(sum(redelivered_records), 0)::bigint as redelivered
        from meta.loads
        group by system, entity
        order by system, entity
        """
    )
    if not found:
        return paragraph("Nothing has been delivered.", "none")
    names = ("load_count", "physical", "accepted", "quarantined", "redelivered")
    sums = {name: sum(row[name] for row in found) for name in names}
    lead = paragraph(
        f"{number(sums['physical'])} records came in {number(sums['load_count'])} deliveries:"
        f" {number(sums['accepted'])} were accepted, {number(sums['quarantined'])} were quarantined because"
        " they break a rule (the command “lifecycle quarantine list” shows them), and"
        f" {number(sums['redelivered'])} had been"
        " delivered before."
    )
    rows = [
        *((f"{row['system']}: {row['entity']}", *(row[name] for name in names)) for row in found),
        ("All", *sums.values()),
    ]
    headers = ["Entity", "Deliveries", "Records", "Accepted", "Quarantined", "Redelivered"]
    return lead + table("Records by entity", headers, rows)


def _checks(served: Served) -> str:
    unmet = served.rows(
        f"""
        select
            case when lower(severity) = 'error' then 'failed' else 'warning' end as outcome,
            suite, check_name, relation, observed
        from meta.data_quality_results
        where not passed
        order by outcome, suite, relation, check_name
        limit {SHOWN_CHECKS}
        """
    )
    build = served.build
    lead = paragraph(
        f"{number(build['passed_check_count'])} checks passed, {number(build['warned_check_count'])}"
        f" warned, {number(build['failed_check_count'])} failed."
    )
    if not unmet:
        return lead
    headers = ["Outcome", "Suite", "Check", "On", "Observed"]
    return lead + table("Checks that did not pass", headers, [tuple(row.values()) for row in unmet])
