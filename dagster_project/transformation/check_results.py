"""dbt's tests as check results. Belongs here: what a test's status means, and on which relation it ran.
Does not belong here: recording results (`quality/results.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb

from dagster_project.quality.checks import CheckResult
from dagster_project.quality.suites.model import Severity
from dagster_project.transformation.runner import NodeResult
from dagster_project.warehouse.sql import quoted

DBT_SUITE = "dbt"
ROWS_SHOWN = 5
HAS_RUN = ("pass", "fail", "warn")


def check_results(
    results: Iterable[NodeResult],
    manifest: Mapping[str, Any],
    connection: duckdb.DuckDBPyConnection | None = None,
) -> list[CheckResult]:
    """The data tests among dbt's results; models and seeds are left out. A test that could not run, or was
    skipped because something upstream failed, has not passed. Messages are not repeated, as they may quote
    values. Of what a test found, the first rows of the columns in its `meta.shows` are read from
    `connection`: a test names there only columns without personal data."""
    nodes = {**manifest["nodes"], **manifest["sources"]}
    return [
        _check_result(each, nodes, connection)
        for each in results
        if each.unique_id.startswith("test.")
    ]


def _check_result(
    result: NodeResult, nodes: Mapping[str, Any], connection: duckdb.DuckDBPyConnection | None
) -> CheckResult:
    node = nodes[result.unique_id]
    shown = ((node.get("config") or {}).get("meta") or {}).get("shows", [])
    found = _first_rows(connection, result.query, shown) if connection and shown else ""
    return CheckResult(
        suite=DBT_SUITE,
        check_name=node["name"],
        relation=_tested_relation(node, nodes),
        passed=result.status == "pass",
        observed=_observed(result) + found,
        severity=_severity(node, result.status),
        column=node.get("column_name"),
        seconds=round(result.seconds, 4),
    )


def _first_rows(connection: duckdb.DuckDBPyConnection, query: str, columns: Sequence[str]) -> str:
    """What a test found, such as `: status lost, customer_count 3; …`; empty where it found nothing."""
    if not query:
        return ""
    names = ", ".join(map(quoted, columns))
    rows = connection.execute(
        f"select {names} from ({query}) as found order by all limit {ROWS_SHOWN + 1}"
    ).fetchall()
    shown = [
        ", ".join(f"{name} {value}" for name, value in zip(columns, row, strict=True))
        for row in rows[:ROWS_SHOWN]
    ]
    return ": " + "; ".join(shown) + ("; …" if len(rows) > ROWS_SHOWN else "")


def _observed(result: NodeResult) -> str:
    if result.status not in HAS_RUN:
        is_skipped = result.status == "skipped"
        return "skipped: something upstream failed" if is_skipped else "could not run"
    return f"{result.failures:,} failing row{'' if result.failures == 1 else 's'}"


def _severity(node: Mapping[str, Any], status: str) -> Severity:
    configured = str((node.get("config") or {}).get("severity", "error")).lower()
    return "warning" if status == "warn" or configured == "warn" else "error"


def _tested_relation(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> str:
    """The relation a generic test is attached to; every one that a singular test reads."""
    attached = node.get("attached_node")
    parents = [attached] if attached else (node.get("depends_on") or {}).get("nodes", [])
    names = []
    for parent in (nodes.get(unique_id) for unique_id in parents):
        if parent is not None:
            table = parent.get("identifier") or parent.get("alias") or parent["name"]
            names.append(f"{parent['schema']}.{table}")
    return ", ".join(names)
