"""The code location: what exists, in which order it runs, when, and what guards it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.settings import load_settings
from dagster_project.transformation.manifest import manifest_path
from tests.support.contract import CONTRACT
from tests.support.installation import Installation


@pytest.fixture(scope="module")
def location(demo: Installation) -> Iterator[dg.Definitions]:
    """The definitions as the demo installation's Dagster loads them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIFECYCLE_HOME", str(demo.home))
        from dagster_project.definitions import defs

        yield defs()


@pytest.fixture(scope="module")
def graph(location: dg.Definitions) -> dg.AssetGraph:
    return location.resolve_asset_graph()


def _key(text: str) -> dg.AssetKey:
    return dg.AssetKey(text.split("/"))


def test_lineage_reaches_from_the_delivered_file_to_the_served_table(graph: dg.AssetGraph) -> None:
    reached, todo = set(), [_key("served/lifecycle/customers_in_lost")]
    while todo:
        key = todo.pop()
        if key not in reached:
            reached.add(key)
            todo.extend(graph.get(key).parent_keys)
    for ancestor in (
        "lifecycle/fct_customer_stage_intervals",
        "input/input_orders",
        "raw_demo/orders",
        "landing/demo/orders",
    ):
        assert _key(ancestor) in reached, ancestor


def test_every_contract_table_is_a_served_asset(graph: dg.AssetGraph) -> None:
    for table in CONTRACT:
        assert dg.AssetKey(["served", *table.split(".")]) in graph.get_all_asset_keys(), table


def test_systems_that_are_not_enabled_are_not_shown(graph: dg.AssetGraph) -> None:
    shown = " ".join(key.to_user_string() for key in graph.get_all_asset_keys())
    assert "raw_demo/orders" in shown
    assert "complete_journey" not in shown
    assert "raw_generic" not in shown


def test_every_asset_has_a_description_and_an_owner(graph: dg.AssetGraph) -> None:
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.group_name not in ("", "default"), key
        assert node.kinds, key
        assert node.owners, key


def test_every_dbt_data_test_is_an_asset_check(graph: dg.AssetGraph, demo: Installation) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIFECYCLE_HOME", str(demo.home))
        manifest = json.loads(manifest_path(load_settings()).read_text())
    tests = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "test"}
    assert len(tests) > 50
    checks = {key.name for key in graph.asset_check_keys}
    assert tests - checks == set()


def test_arrival_and_mart_checks_block(graph: dg.AssetGraph) -> None:
    guards = {key for key in graph.asset_check_keys if key.name == "great_expectations"}
    assert all(graph.get(key).blocking for key in guards)
    guarded = {key.asset_key.to_user_string() for key in guards}
    assert {"raw_demo/orders", "ingest/demo", "input/input_orders", "core/dim_customers"} <= guarded


def test_the_report_follows_publication(location: dg.Definitions, graph: dg.AssetGraph) -> None:
    from dagster_project.report import TABLES

    report = graph.get(_key("publication/report"))
    assert report.parent_keys == {_key(f"served/{table.replace('.', '/')}") for table in TABLES}
    keys = location.resolve_job_def("nightly_build").asset_layer.executable_asset_keys
    assert report.key in keys


def test_groups_are_in_the_order_of_the_flow(graph: dg.AssetGraph) -> None:
    """Dagster lists them by name, and draws those that read from each other on top of each other."""
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        for parent in node.parent_keys:
            assert (graph.get(parent).group_name or "") <= (node.group_name or ""), (parent, key)


def test_every_check_has_a_description(graph: dg.AssetGraph) -> None:
    without = [key for key in graph.asset_check_keys if not graph.get(key).description]
    assert without == []


def test_the_job_is_partitioned_by_day_and_leaves_disabled_systems_alone(
    location: dg.Definitions,
) -> None:
    job = location.resolve_job_def("nightly_build")
    assert isinstance(job.partitions_def, dg.DailyPartitionsDefinition)
    keys = job.asset_layer.executable_asset_keys
    assert _key("raw_demo/orders") in keys
    assert _key("raw_generic/orders") not in keys
    assert _key("served/core/dim_customers") in keys


def test_the_schedule_asks_at_two_for_the_last_day_that_is_over(location: dg.Definitions) -> None:
    from dagster_project.defs.automation.nightly import nightly

    schedule = location.resolve_schedule_def("nightly")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "UTC")
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2026, 3, 2, 2, tzinfo=UTC)
    )
    asked = nightly(context)
    assert isinstance(asked, dg.RunRequest)
    assert asked.partition_key == "2026-03-01"


def test_the_sensor_asks_once_for_each_state_of_the_landing_folder(tmp_path: Path) -> None:
    from dagster_project.ingestion.landing import settled_fingerprint

    assert settled_fingerprint([tmp_path], settle_seconds=0) is None
    (tmp_path / "orders.csv").write_text("a")
    assert settled_fingerprint([tmp_path], settle_seconds=60) is None
    first = settled_fingerprint([tmp_path], settle_seconds=0)
    assert first is not None
    assert settled_fingerprint([tmp_path], settle_seconds=0) == first
    (tmp_path / "orders.csv").write_text("ab")
    assert settled_fingerprint([tmp_path], settle_seconds=0) != first
