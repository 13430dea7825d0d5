"""The table of check results and dbt's artifacts as check results."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import duckdb
import pytest

from dagster_project.quality.checks import CheckResult
from dagster_project.quality.results import ensure_table, record
from dagster_project.transformation.check_results import check_results
from dagster_project.transformation.runner import NodeResult

AT = datetime(2024, 6, 1, 2, 0, tzinfo=UTC)
SECRET = "jana.novakova@example"


def result(name: str = "has_rows", *, passed: bool = True, observed: str = "1 row") -> CheckResult:
    """A check result."""
    return CheckResult("core_customers", name, "core.dim_customers", passed, observed, "error")


def test_results_are_recorded_once_per_build_and_check() -> None:
    with duckdb.connect() as connection:
        ensure_table(connection)
        ensure_table(connection)
        assert record(connection, "b1", [result(), result("rate", passed=False)]) == 2
        east = timezone(timedelta(hours=2))
        assert record(connection, "b1", [result(observed="2 rows")], checked_at=AT.astimezone(east))
        assert record(connection, "b2", [result(), result()], checked_at=AT) == 1
        assert record(connection, "b2", []) == 0
        rows = connection.execute(
            "select build_id, suite, check_name, relation, passed, observed, severity"
            " from meta.data_quality_results order by all"
        ).fetchall()
        (at,) = connection.execute(
            "select checked_at from meta.data_quality_results where observed = '2 rows'"
        ).fetchall()
    key = ("core_customers", "has_rows", "core.dim_customers")
    assert rows == [
        ("b1", *key, True, "2 rows", "error"),
        ("b1", "core_customers", "rate", "core.dim_customers", False, "1 row", "error"),
        ("b2", *key, True, "1 row", "error"),
    ]
    assert at == (datetime(2024, 6, 1, 2, 0),)


def test_only_failed_errors_block() -> None:
    warning = CheckResult("s", "c", "r", False, "0", "warning")
    assert result(passed=False).is_blocking_failure
    assert not result().is_blocking_failure
    assert not warning.is_blocking_failure


MANIFEST = {
    "nodes": {
        "model.p.dim_customers": {
            "name": "dim_customers",
            "alias": "dim_customers",
            "schema": "core",
        },
        "model.p.fct_orders": {"name": "fct_orders", "alias": "fct_orders", "schema": "core"},
        "test.p.not_null_dim_customers_customer_id.1a": {
            "name": "not_null_dim_customers_customer_id",
            "attached_node": "model.p.dim_customers",
            "column_name": "customer_id",
            "config": {"severity": "ERROR"},
        },
        "test.p.assert_totals_reconcile": {
            "name": "assert_totals_reconcile",
            "depends_on": {"nodes": ["model.p.dim_customers", "model.p.fct_orders"]},
            "config": {"severity": "warn"},
        },
        "test.p.source_unique.2b": {
            "name": "source_unique",
            "attached_node": None,
            "depends_on": {"nodes": ["source.p.raw_demo.orders"]},
            "config": {"severity": "error"},
        },
    },
    "sources": {"source.p.raw_demo.orders": {"schema": "raw_demo", "identifier": "orders"}},
}


def test_dbt_tests_become_check_results_without_values() -> None:
    not_null, totals, unique = check_results(
        [
            NodeResult("model.p.dim_customers", "success", 1.0, 0, "OK"),
            NodeResult("unit_test.p.dim_customers.a_case", "pass", 0.0, 0, ""),
            NodeResult("test.p.not_null_dim_customers_customer_id.1a", "fail", 0.25, 1203, SECRET),
            NodeResult("test.p.assert_totals_reconcile", "warn", 0.0, 1, ""),
            NodeResult("test.p.source_unique.2b", "error", 0.0, 0, SECRET),
        ],
        MANIFEST,
    )
    assert not_null == CheckResult(
        "dbt",
        "not_null_dim_customers_customer_id",
        "core.dim_customers",
        False,
        "1,203 failing rows",
        "error",
        "customer_id",
        0.25,
    )
    assert (totals.relation, totals.severity, totals.passed, totals.observed) == (
        "core.dim_customers, core.fct_orders",
        "warning",
        False,
        "1 failing row",
    )
    assert (unique.relation, unique.passed, unique.observed) == (
        "raw_demo.orders",
        False,
        "could not run",
    )
    assert SECRET not in f"{not_null}{totals}{unique}"


@pytest.mark.parametrize(
    ("status", "passed", "observed"),
    [
        ("pass", True, "0 failing rows"),
        ("skipped", False, "skipped: something upstream failed"),
        ("runtime error", False, "could not run"),
    ],
)
def test_a_dbt_test_that_did_not_run_has_not_passed(
    status: str, passed: bool, observed: str
) -> None:
    (check,) = check_results([NodeResult("test.p.source_unique.2b", status, 0.0, 0, "")], MANIFEST)
    assert (check.passed, check.observed) == (passed, observed)
