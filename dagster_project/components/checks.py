"""Great Expectations as Dagster asset checks. Belongs here: binding suites to assets, running those that a
run asks for, recording every result, and reporting what failed. Does not belong here: the suites
(`quality/suites/`), or running them (`quality/gx/`)."""

from collections.abc import Callable, Iterator, Mapping

import dagster as dg

from dagster_project import progress
from dagster_project.ingestion import Format
from dagster_project.quality.checks import CheckResult
from dagster_project.quality.results import record
from dagster_project.quality.suites.arrival import arrival_suites
from dagster_project.quality.suites.model import Suite
from dagster_project.resources import Toolbox
from dagster_project.settings import Settings
from dagster_project.transformation.incremental_state import IncrementalState, read_state

CHECK_NAME = "great_expectations"
SHOWN = 5


def arrival_checks(system: str, declared: Format) -> dg.AssetChecksDefinition:
    """The arrival suites of a system: one blocking check per raw table and one on its ledger. A
    failure fails the step, so that nothing downstream of this system runs."""
    keys = {
        f"arrival_{entity}": dg.AssetKey([f"raw_{system}", entity]) for entity in declared.entities
    }
    keys["arrival_deliveries"] = dg.AssetKey(["ingest", system])

    @dg.multi_asset_check(name=f"check_arrival_{system}", specs=_specs(keys), can_subset=True)
    def check_arrival(
        context: dg.AssetCheckExecutionContext, toolbox: dg.ResourceParam[Toolbox]
    ) -> Iterator[dg.AssetCheckResult]:
        build_id = context.run.run_id
        suites = arrival_suites(system, declared, build_id=build_id)
        step = f"check arrival of {system}"
        yield from _check(context, toolbox, build_id, step, suites, keys)

    return check_arrival


def suite_checks(
    name: str,
    keys: Mapping[str, dg.AssetKey],
    suites: Callable[[IncrementalState, Settings], list[Suite]],
) -> dg.AssetChecksDefinition:
    """Suites on what dbt built, one blocking check per asset. `keys` maps a suite to its asset."""

    @dg.multi_asset_check(name=name, specs=_specs(keys), can_subset=True)
    def check_built(
        context: dg.AssetCheckExecutionContext, toolbox: dg.ResourceParam[Toolbox]
    ) -> Iterator[dg.AssetCheckResult]:
        with toolbox.explaining(context), toolbox.warehouse.connect() as connection:
            state = read_state(connection)
        step = name.replace("_", " ")
        yield from _check(
            context, toolbox, state.build_id, step, suites(state, toolbox.settings), keys
        )

    return check_built


def _specs(keys: Mapping[str, dg.AssetKey]) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(
            CHECK_NAME,
            asset=key,
            blocking=True,
            description=f"Great Expectations suite {suite}.",
        )
        for suite, key in keys.items()
    ]


def _check(
    context: dg.AssetCheckExecutionContext,
    toolbox: Toolbox,
    build_id: str,
    step: str,
    suites: list[Suite],
    keys: Mapping[str, dg.AssetKey],
) -> Iterator[dg.AssetCheckResult]:
    from dagster_project.quality.gx.validation import run_suites  # Great Expectations takes seconds

    selected = {key.asset_key for key in context.selected_asset_check_keys}
    asked = [suite for suite in suites if keys[suite.name] in selected]
    with progress.step(step), toolbox.explaining(context):
        results = run_suites(toolbox.warehouse.path, asked)
        with toolbox.warehouse.connect() as connection:
            record(connection, build_id, results)
    for suite in asked:
        of_suite = [each for each in results if each.suite == suite.name]
        yield _as_check_result(keys[suite.name], of_suite)
    failed = [each for each in results if each.is_blocking_failure]
    if failed:
        shown = "\n".join(f"Check failed: {sentence(each)}" for each in failed[:SHOWN])
        toolbox.fail(context, shown)


def sentence(result: CheckResult) -> str:
    """A failed check in one clause: which, where, what was seen."""
    return f"{result.suite}.{result.check_name} on {result.relation}: {result.observed}"


def _as_check_result(key: dg.AssetKey, results: list[CheckResult]) -> dg.AssetCheckResult:
    failed = [each for each in results if not each.passed]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=CHECK_NAME,
        passed=not failed,
        severity=(
            dg.AssetCheckSeverity.ERROR
            if any(each.is_blocking_failure for each in failed)
            else dg.AssetCheckSeverity.WARN
        ),
        description="; ".join(sentence(each) for each in failed) or f"{len(results)} rules hold",
        metadata={each.check_name: each.observed for each in results},
    )
