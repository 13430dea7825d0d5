"""Keeping the results of all checks of a build in `meta.data_quality_results`, and reading dbt's
test results into the same shape. Belongs here: the private table and dbt's artifacts. Does not
belong here: running checks, or deciding what a failure stops."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.errors import UserError
from dagster_project.quality.checks import CheckResult
from dagster_project.quality.suites.model import Severity

TABLE = "meta.data_quality_results"
DBT_SUITE = "dbt"
DBT_STATUSES_RUN = ("pass", "fail", "warn")


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


def dbt_results(run_results_path: Path, manifest_path: Path) -> list[CheckResult]:
    """The data tests of a dbt invocation as check results; models, seeds and unit tests are left
    out. A test that could not run, or was skipped because something upstream failed, has not
    passed. Messages are not repeated, as they may quote values. Raises UserError when an artifact
    cannot be read."""
    nodes = _read_json(manifest_path)
    known = {**nodes.get("nodes", {}), **nodes.get("sources", {})}
    return [
        _dbt_result(outcome, known)
        for outcome in _read_json(run_results_path).get("results", [])
        if str(outcome["unique_id"]).startswith("test.")
    ]


def _dbt_result(outcome: Mapping[str, Any], known: Mapping[str, Any]) -> CheckResult:
    node = known.get(outcome["unique_id"], {})
    status = outcome["status"]
    return CheckResult(
        suite=DBT_SUITE,
        check_name=node.get("name") or outcome["unique_id"].split(".")[2],
        relation=_tested_relation(node, known),
        passed=status == "pass",
        observed=_dbt_observed(status, outcome.get("failures")),
        severity=_dbt_severity(node, status),
        column=node.get("column_name"),
        seconds=round(float(outcome.get("execution_time") or 0.0), 4),
    )


def _dbt_observed(status: str, failures: int | None) -> str:
    if status not in DBT_STATUSES_RUN:
        return "skipped: something upstream failed" if status == "skipped" else "could not run"
    count = failures or 0
    return f"{count:,} failing row" if count == 1 else f"{count:,} failing rows"


def _dbt_severity(node: Mapping[str, Any], status: str) -> Severity:
    configured = str((node.get("config") or {}).get("severity", "error")).lower()
    return "warning" if status == "warn" or configured == "warn" else "error"


def _tested_relation(node: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """The relation a generic test is attached to; every one that a singular test reads."""
    attached = node.get("attached_node")
    parents = [attached] if attached else (node.get("depends_on") or {}).get("nodes", [])
    names = []
    for parent in (known.get(unique_id) for unique_id in parents):
        if parent is not None:
            table = parent.get("identifier") or parent.get("alias") or parent["name"]
            names.append(f"{parent['schema']}.{table}")
    return ", ".join(names)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise UserError(
            f"dbt's artifact cannot be read ({type(error).__name__}).",
            where=str(path),
            todo="Run the build again; dbt writes this file whenever it runs.",
        ) from None
