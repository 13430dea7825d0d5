"""Any part of the build by itself, as the page's Materialize runs it: it makes just what was asked for, its
tests and suites run, and the next build goes on as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import dagster as dg
import pytest

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

    def keys(self) -> list[dg.AssetKey]:
        """All that can be materialized, in order."""
        return sorted(self.graph.materializable_asset_keys)

    def groups(self) -> dict[str, list[dg.AssetKey]]:
        """The same by group."""
        found: dict[str, list[dg.AssetKey]] = {}
        for key in self.keys():
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
def page(golden: Installation) -> Iterator[Page]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in golden.environment().items():
            if name.startswith("LIFECYCLE_"):
                patch.setenv(name, value)
        home = golden.home / "dagster"
        patch.setenv("DAGSTER_HOME", str(home))
        with dg.DagsterInstance.from_config(str(home)) as instance:
            yield Page(golden, instance)


def assert_made_alone(page: Page, keys: Sequence[dg.AssetKey]) -> None:
    """A run of these assets makes these and no others, and runs their checks and no others."""
    result = page.materialize(keys)
    assert result.success, keys
    assert page.made(result) == set(keys)
    assert page.checked(result) == page.checks(keys)


def assert_nothing_happened(page: Page, before: dict[str, list[tuple[object, ...]]]) -> None:
    """The next build is incremental and gives what it gave; so does a full refresh."""
    golden = page.installation
    with golden.private() as connection:
        builds = connection.execute("select count(*) from meta.builds").fetchone()
    assert builds == (1,), "a run of a part is no build"
    assert "incremental build: what changed since" in golden.build()
    assert golden.canonical_marts() == before
    assert "full refresh: asked for" in golden.build("--full-refresh")
    assert golden.canonical_marts() == before


def test_each_group_by_itself(page: Page) -> None:
    before = page.installation.canonical_marts()
    for keys in page.groups().values():
        assert_made_alone(page, keys)
    assert_nothing_happened(page, before)
