"""`lifecycle quarantine list`: where records were quarantined, and why. Belongs here: that list. Does not
belong here: the records' content; it may be personal and is never printed."""

from __future__ import annotations

import argparse

from dagster_project.cli.reading import columns, opened, rows
from dagster_project.cli.terminal import Table, cell, show
from dagster_project.publication.snapshot import literal
from dagster_project.settings import load_settings


def run(arguments: argparse.Namespace) -> int:
    """Prints open records, newest first, at most `--limit`. Exit code 0."""
    settings = load_settings()
    conditions = ["status = 'open'"]
    if arguments.system:
        conditions.append(f"system = {literal(arguments.system)}")
    if arguments.entity:
        conditions.append(f"entity = {literal(arguments.entity)}")
    where = " and ".join(conditions)
    with opened(settings.warehouse_path) as connection:
        if "quarantine_id" not in columns(connection, "ingest.quarantine"):
            print("No record was ever quarantined.")
            return 0
        ((total,),) = rows(connection, f"select count(*) from ingest.quarantine where {where}")
        found = rows(
            connection,
            f"""
            select
                quarantine_id, system, entity, location, cast(line_number as varchar), reason,
                strftime(quarantined_at, '%Y-%m-%d %H:%M')
            from ingest.quarantine
            where {where}
            order by quarantined_at desc, system, entity, location, line_number, quarantine_id
            limit {int(arguments.limit)}
            """,
        )
    headers = ["id", "system", "entity", "location", "line", "reason", "when (UTC)"]
    show(Table("Quarantined records", headers, found))
    print(f"\n{cell(len(found))} of {cell(total)} open records shown."
          if total else "No record is quarantined.")  # fmt: skip
    return 0
