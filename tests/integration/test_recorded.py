"""What Dagster shows of a build: every model and test, recorded while dbt goes on, with what it made."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import dagster as dg
import pytest

from tests.support.installation import Installation

DBT_STEPS = ("dbt_build", "dbt_build_value")
PARTS = ("build_models", "build_value")
MADE = dg.DagsterEventType.ASSET_MATERIALIZATION
CHECKED = dg.DagsterEventType.ASSET_CHECK_EVALUATION


@pytest.fixture(scope="module")
def records(demo: Installation) -> list[dg.EventLogEntry]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(demo.home / "dagster"))
        with dg.DagsterInstance.from_config(str(demo.home / "dagster")) as instance:
            return list(instance.all_logs(demo.published_build(), of_type={MADE, CHECKED}))


@pytest.fixture(scope="module")
def shown(records: list[dg.EventLogEntry]) -> dict[str, dict[str, Any]]:
    """Metadata by relation, of what dbt made."""
    found: dict[str, dict[str, Any]] = {}
    for entry in records:
        made = entry.asset_materialization
        if made is not None and entry.step_key in DBT_STEPS:
            metadata: dict[str, Any] = {name: each.value for name, each in made.metadata.items()}
            found[made.asset_key.to_user_string().replace("/", ".")] = metadata
    return found


def dbt_results(demo: Installation, part: str) -> list[dict[str, Any]]:
    text = (demo.home / "dbt" / f"run_results.{part}.json").read_text()
    return list(json.loads(text)["results"])


def test_rows_and_columns_are_those_of_the_warehouse(
    demo: Installation, shown: dict[str, dict[str, Any]]
) -> None:
    made = [
        each["relation_name"].replace('"', "").split(".", 1)[1]
        for part in PARTS
        for each in dbt_results(demo, part)
        if each["unique_id"].startswith("model.")
    ]
    hidden = [name for name in made if "stg_complete_journey__" in name]  # it is not enabled
    assert len(hidden) == 5
    shown_models = [name for name in shown if not name.startswith("reference.")]
    assert sorted(shown_models) == sorted(set(made) - set(hidden))
    with demo.private() as connection:
        views = {
            f"{schema}.{name}"
            for schema, name in connection.execute(
                "select schema_name, view_name from duckdb_views() where not internal"
            ).fetchall()
        }
        for relation, metadata in shown.items():
            count = connection.execute(f"select count(*) from {relation}").fetchall()[0][0]
            expected = None if relation in views else count
            assert metadata.get("dagster/row_count") == expected, relation
            columns = [(each.name, each.type) for each in metadata["dagster/column_schema"].columns]
            described = connection.execute(f"describe {relation}").fetchall()
            assert columns == [(name, kind) for name, kind, *_ in described], relation


def test_columns_lead_back_to_where_they_come_from(shown: dict[str, dict[str, Any]]) -> None:
    lineage = shown["core.fct_orders"]["dagster/column_lineage"].deps_by_column
    assert {dep.column_name for dep in lineage["net_amount"]} >= {"net_amount"}
    without = [name for name, each in shown.items() if "dagster/column_lineage" not in each]
    assert len(without) < len(shown) / 5, without  # seeds, and models that read no column


def test_dbt_does_not_wait_for_dagster_to_record(
    demo: Installation, records: list[dg.EventLogEntry]
) -> None:
    results = dbt_results(demo, "build_models")
    ended = max(
        datetime.fromisoformat(time["completed_at"]).timestamp()
        for each in results
        for time in each["timing"]
    )
    assert sum(entry.timestamp < ended for entry in records) > len(results) / 2
