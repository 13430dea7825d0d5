"""Recording the results of all checks of a build in `meta.data_quality_results`, whoever ran them. Belongs
here: the private table. Does not belong here: running checks, or deciding what a failure stops."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import duckdb

from dagster_project.quality.checks import CheckResult

TABLE = "meta.data_quality_results"


def ensure_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates the table of results, unless it exists. One row per build, suite, relation and
    check; `checked_at` is when it was recorded, UTC."""
    connection.execute("create schema if not exists meta")
    connection.execute(
        f"""
        create table if not exists {TABLE} (
            build_id varchar not null,
            suite varchar not null,
            check_name varchar not null,
            relation varchar not null,
            passed boolean not null,
            observed varchar not null,
            severity varchar not null,
            checked_at timestamp not null,
            primary key (build_id, suite, relation, check_name)
        )
        """
    )


def record(
    connection: duckdb.DuckDBPyConnection,
    build_id: str,
    results: Iterable[CheckResult],
    *,
    checked_at: datetime | None = None,
) -> int:
    """Writes results of a build and returns how many. A check recorded again for the same build
    (a retried step) replaces its earlier result. `checked_at` with a time zone; default now."""
    ensure_table(connection)
    at = (checked_at or datetime.now(UTC)).astimezone(UTC).replace(tzinfo=None)
    latest = list({(each.suite, each.relation, each.check_name): each for each in results}.values())
    if latest:
        # One statement with lists: row by row takes milliseconds a row.
        connection.execute(
            f"""
            insert or replace into {TABLE} (
                build_id, suite, check_name, relation, passed, observed, severity, checked_at
            )
            select
                ?, unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[]),
                unnest(?::boolean[]), unnest(?::varchar[]), unnest(?::varchar[]), ?
            """,
            [
                build_id,
                [each.suite for each in latest],
                [each.check_name for each in latest],
                [each.relation for each in latest],
                [each.passed for each in latest],
                [each.observed for each in latest],
                [each.severity for each in latest],
                at,
            ],
        )
    return len(latest)
