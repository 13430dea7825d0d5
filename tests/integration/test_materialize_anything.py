"""Any part of the build by itself, as the page's Materialize runs it: it makes just what was asked for, its
tests and suites run, and the next build goes on as if nothing had happened."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg
import pytest

from tests.conftest import NewInstallation
from tests.support.installation import Installation

DAY = "2025-06-30"
MADE = dg.DagsterEventType.ASSET_MATERIALIZATION
CHECKED = dg.DagsterEventType.ASSET_CHECK_EVALUATION


class Page:
    """Dagster of one installation, in this process: what the page does when somebody clicks Materialize."""

    def __init__(self, installation: Installation, instance: dg.DagsterInstance) -> None:
        from dagster_project.definitions import defs

        self.installation, self._instance = installation, instance
        self._location = defs()
        self.graph = self._location.resolve_asset_graph()
        self._job = self._location.resolve_implicit_global_asset_job_def()

    def assets(self) -> list[dg.AssetKey]:
        """All that can be materialized, in order."""
        return sorted(self.graph.materializable_asset_keys)

    def groups(self) -> dict[str, list[dg.AssetKey]]:
        """The same by group."""
        found: dict[str, list[dg.AssetKey]] = {}
        for key in self.assets():
            found.setdefault(self.graph.get(key).group_name or "", []).append(key)
        return found

    def checks(self, keys: Sequence[dg.AssetKey]) -> set[dg.AssetCheckKey]:
        """The checks of assets."""
        return {key for key in self.graph.asset_check_keys if key.asset_key in keys}

    def materialize(self, keys: Sequence[dg.AssetKey]) -> dg.ExecuteInProcessResult:
        """Runs just these, with their checks."""
        served = [key for key in keys if key.path[0] == "served"]
        return self._job.execute_in_process(
            instance=self._instance,
            asset_selection=list(keys),
            partition_key=DAY if served else None,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )

    def plan(self, keys: Sequence[dg.AssetKey]) -> None:
        """What a run of these would do; raises Dagster's error where they cannot be run alone."""
        subset = self._job.get_subset(asset_selection=set(keys))
        assert subset.asset_layer.executable_asset_keys >= set(keys)

    def made(self, result: dg.ExecuteInProcessResult) -> set[dg.AssetKey]:
        """What a run materialized."""
        events = self._instance.all_logs(result.run_id, of_type=MADE)
        return {e.asset_materialization.asset_key for e in events if e.asset_materialization}

    def checked(self, result: dg.ExecuteInProcessResult) -> set[dg.AssetCheckKey]:
        """Which checks a run evaluated."""
        found = set()
        for entry in self._instance.all_logs(result.run_id, of_type=CHECKED):
            assert entry.dagster_event is not None
            evaluation = entry.dagster_event.asset_check_evaluation_data
            assert evaluation.passed, evaluation
            found.add(evaluation.asset_check_key)
        return found


@pytest.fixture(scope="module")
def page(
    golden: Installation,
    new_installation: NewInstallation,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Page]:
    landing = tmp_path_factory.mktemp("deliveries") / "landing"
    shutil.copytree(golden.settings["LANDING"], landing)
    settings = {**golden.settings, "LANDING": str(landing)}
    company = golden.copied_to(new_installation(**settings))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in company.environment().items():
            if name.startswith("LIFECYCLE_"):
                patch.setenv(name, value)
        home = company.home / "dagster"
        patch.setenv("DAGSTER_HOME", str(home))
        with dg.DagsterInstance.from_config(str(home)) as instance:
            yield Page(company, instance)


def assert_made_alone(page: Page, keys: Sequence[dg.AssetKey]) -> None:
    """A run of these assets makes these and no others, and runs their checks and no others."""
    result = page.materialize(keys)
    assert result.success, keys
    assert page.made(result) == set(keys)
    assert page.checked(result) == page.checks(keys)


def test_every_selection_can_be_planned(page: Page) -> None:
    for key in page.assets():
        page.plan([key])
    for keys in page.groups().values():
        page.plan(keys)


@pytest.mark.slow  # the tests below run assets of every kind alone
def test_each_group_by_itself_and_the_next_build_is_incremental(page: Page) -> None:
    company = page.installation
    before = company.canonical_marts()  # of a full refresh
    for keys in page.groups().values():
        assert_made_alone(page, keys)
    with company.private() as connection:
        builds = connection.execute("select count(*) from meta.builds").fetchone()
    assert builds == (1,), "a run of a part is no build"
    assert company.canonical_marts() == before
    assert "incremental build: what changed since" in company.build()
    assert company.canonical_marts() == before


@pytest.mark.slow
def test_each_asset_by_itself(page: Page) -> None:
    """A quarter of an hour: `make trust`."""
    company = page.installation
    before = company.canonical_marts()
    for key in page.assets():
        assert_made_alone(page, [key])
    assert "incremental build: what changed since" in company.build()
    assert company.canonical_marts() == before
    assert "full refresh: asked for" in company.build("--full-refresh")
    assert company.canonical_marts() == before


def test_a_part_is_made_from_the_deliveries_that_the_last_build_knew(page: Page) -> None:
    company = page.installation
    folder = Path(company.settings["LANDING"]) / "generic"
    (folder / "orders").mkdir()
    (folder / "orders.csv").rename(folder / "orders" / "orders.csv")
    new = "order_id,ordered_at,email,items_amount,currency_code\nnew,2025-01-20,new@x.test,10,EUR\n"
    (folder / "orders" / "new.csv").write_text(new)

    def orders() -> tuple[int, ...]:
        with company.private() as connection:
            counts = "select (select count(*) from raw_generic.orders),"
            counts += " (select count(*) from staging.stg_generic__orders),"
            counts += " (select count(*) from input.input_orders)"
            return tuple(connection.execute(counts).fetchall()[0])

    in_raw, in_staging, in_input = orders()
    assert_made_alone(page, [dg.AssetKey(["raw_generic", "orders"])])
    for model in (["staging", "stg_generic__orders"], ["input", "input_orders"]):
        assert_made_alone(page, [dg.AssetKey(model)])
    assert orders() == (in_raw + 1, in_staging, in_input)
    assert "incremental build: what changed since" in company.build()
    assert orders() == (in_raw + 1, in_staging + 1, in_input + 1)


def test_models_that_changed_since_are_not_published_beside_the_others(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dagster_project.defs.transformation import assets

    dates, served = dg.AssetKey(["core", "dim_dates"]), dg.AssetKey(["served", "core", "dim_dates"])
    build = page.installation.published_build()
    with monkeypatch.context() as changed:
        changed.setattr(assets, "build_signature", lambda *_: "of other models")
        assert_made_alone(page, [dates])
    assert_made_alone(page, [dates])
    refused = page.materialize([served])
    assert not refused.success
    words = [str(event.step_failure_data) for event in refused.all_events if event.is_step_failure]
    assert "made by other models" in words[0]
    assert page.installation.published_build() == build
