"""The results of a build, as tables. Belongs here: the queries of the served file (or, after a failed build, of
the private warehouse). Does not belong here: how tables look (`terminal.py`)."""

from __future__ import annotations

from collections.abc import Mapping

from dagster_project.cli.reading import Connection, columns, rows
from dagster_project.cli.terminal import Table
from dagster_project.publication.snapshot import literal, quoted
from dagster_project.quality.suites.freshness import SUITE


def intake(connection: Connection, ledger: str, build_id: str) -> Table:
    """Records per system and entity, of all deliveries and of those that this build loaded. `ledger`:
    `meta.loads` in the served file, `ingest.loads` in the private one."""
    headers = ["system", "entity", "deliveries", "rows in", "accepted", "quarantined",
               "redelivered", "new rows in"]  # fmt: skip
    title = "Rows in (physical = accepted + quarantined + redelivered)"
    if "build_id" not in columns(connection, ledger):
        return Table(title, headers, [])
    found = rows(
        connection,
        f"""
        select
            case when grouping(entity) = 0 then system else 'all' end as system_shown,
            coalesce(entity, '') as entity_shown,
            count(*) as deliveries,
            cast(coalesce(sum(physical_records), 0) as bigint) as physical,
            cast(coalesce(sum(accepted_records), 0) as bigint) as accepted,
            cast(coalesce(sum(quarantined_records), 0) as bigint) as quarantined,
            cast(coalesce(sum(redelivered_records), 0) as bigint) as redelivered,
            cast(coalesce(sum(physical_records) filter (build_id = {literal(build_id)}), 0)
                as bigint) as new_physical
        from {ledger}
        group by grouping sets ((system, entity), ())
        having count(*) > 0
        order by grouping(entity), system, entity
        """,
    )
    return Table(title, headers, found)


def order_decided(connection: Connection, ledger: str) -> Table:
    """Records whose version counts only because their delivery came last, per system and entity: neither
    version states when it was changed, so another order of the files would have given another result."""
    headers = ["system", "entity", "records"]
    title = "Decided by the order of deliveries alone (deliver updated_at to decide it by time)"
    if "order_decided_records" not in columns(connection, ledger):
        return Table(title, headers, [])
    found = rows(
        connection,
        f"""
        select system, entity, cast(sum(order_decided_records) as bigint) as records
        from {ledger}
        group by system, entity
        having sum(order_decided_records) > 0
        order by system, entity
        """,
    )
    return Table(title, headers, found)


def stages(connection: Connection) -> list[Table]:
    """Customers in each stage, one table per lifecycle, labels in both languages where known."""
    customers = columns(connection, "core.dim_customers")
    labels = columns(connection, "core.dim_lifecycle_stages")
    if not {"lifecycle", "stage"} <= labels:
        return []
    rank = next((name for name in ("rank", "stage_rank") if name in labels), "stage")
    czech = "label_cs" if "label_cs" in labels else "null"
    english = "label_en" if "label_en" in labels else "null"
    tables = []
    for (lifecycle,) in rows(
        connection, "select lifecycle from core.dim_lifecycle_stages group by 1 order by 1 desc"
    ):
        column = f"{lifecycle}_stage"
        if column not in customers:
            continue
        found = rows(
            connection,
            f"""
            with counted as (
                select {quoted(column)} as stage, count(*) as customer_count
                from core.dim_customers group by 1
            )
            select
                stages.stage, stages.{czech}, stages.{english},
                coalesce(counted.customer_count, 0) as customer_count,
                round(100.0 * coalesce(counted.customer_count, 0)
                    / nullif((select sum(customer_count) from counted), 0), 1)::double as share
            from core.dim_lifecycle_stages as stages
            left join counted on stages.stage = counted.stage
            where stages.lifecycle = {literal(lifecycle)}
            order by stages.{rank}
            """.replace("stages.null", "null"),
        )
        headers = ["stage", "Czech", "English", "customers", "%"]
        tables.append(Table(f"Customers per stage: {lifecycle}", headers, found))
    return tables


def orders(connection: Connection) -> Table:
    """Orders and their net revenue, per currency."""
    headers = ["orders", "counted", "identified", "net revenue", "currency"]
    needed = {"is_counted", "net_amount", "currency_code", "customer_id"}
    if not needed <= columns(connection, "core.fct_orders"):
        return Table("Orders", headers, [])
    found = rows(
        connection,
        """
        select
            count(*), count(*) filter (is_counted), count(customer_id),
            coalesce(sum(net_amount) filter (is_counted), 0), currency_code
        from core.fct_orders
        group by currency_code
        order by currency_code
        """,
    )
    shown = [(*row[:3], f"{row[3]:,.2f}".replace(",", " "), row[4]) for row in found]
    return Table("Orders (net revenue of those that count)", headers, shown)


def checks(connection: Connection, build_id: str) -> Table:
    """Quality checks of this build: those of Great Expectations by layer, and dbt tests."""
    headers = ["layer", "passed", "warned", "failed"]
    if "passed" not in columns(connection, "meta.data_quality_results"):
        return Table("Checks", headers, [])
    found = rows(
        connection,
        f"""
        select
            case when grouping(layer) = 0 then layer else 'all' end as layer_shown,
            count(*) filter (passed) as passed,
            count(*) filter (not passed and lower(severity) <> 'error') as warned,
            count(*) filter (not passed and lower(severity) = 'error') as failed
        from (
            select *, case
                when suite = 'dbt' then 'models (dbt tests)'
                else split_part(suite, '_', 1)
            end as layer
            from meta.data_quality_results
            where build_id = {literal(build_id)}
        )
        group by grouping sets ((layer), ())
        having count(*) > 0
        order by grouping(layer), layer
        """,
    )
    return Table("Checks", headers, found)


def unmet(connection: Connection, build_id: str) -> Table:
    """The checks of this build that did not pass, failures first."""
    headers = ["", "suite", "check", "relation", "observed"]
    if "passed" not in columns(connection, "meta.data_quality_results"):
        return Table("Checks that did not pass", headers, [])
    found = rows(
        connection,
        f"""
        select
            case when lower(severity) = 'error' then 'fail' else 'warn' end as outcome,
            suite, check_name, relation, observed
        from meta.data_quality_results
        where build_id = {literal(build_id)} and not passed
        order by outcome, suite, relation, check_name
        limit 30
        """,
    )
    return Table("Checks that did not pass", headers, found)


def stopped(connection: Connection) -> list[str]:
    """The feeds that had stopped at the published build's end, in words; empty when none had."""
    if "passed" not in columns(connection, "meta.data_quality_results"):
        return []
    found = rows(
        connection,
        f"""
        select observed
        from meta.data_quality_results
        where suite = {literal(SUITE)} and not passed
            and build_id = (select build_id from meta.build_info)
        order by check_name
        """,
    )
    return [observed.partition(": ")[2] or observed for (observed,) in found]


def times(seconds: Mapping[str, float]) -> Table:
    """Wall seconds per step."""
    return Table("Time", ["step", "seconds"], [(name, took) for name, took in seconds.items()])
