"""Great Expectations as Dagster asset checks. Belongs here: binding suites to assets, recording every
result, and telling what failed. Does not belong here: the suites (`quality/suites/`)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

import dagster as dg

from dagster_project import progress
from dagster_project.ingestion import Format
from dagster_project.quality.checks import CheckResult
from dagster_project.quality.results import record
from dagster_project.quality.suites.arrival import arrival_suites
from dagster_project.quality.suites.model import Suite
from dagster_project.resources import Toolbox, asked_as_of, partition_date, recorded_as_of
from dagster_project.transformation.as_of import resolve_as_of

CHECK_NAME = "great_expectations"
SHOWN = 5


def arrival_checks(system: str, declared: Format) -> dg.AssetChecksDefinition:
    """The arrival suites of a system: one blocking check per raw table and one on its ledger. A
    failure fails the step, so that nothing downstream of this system runs."""
    keys = {
        f"arrival_{entity}": dg.AssetKey([f"raw_{system}", entity]) for entity in declared.entities
    }
    keys["arrival_deliveries"] = dg.AssetKey(["ingest", system])

    @dg.multi_asset_check(name=f"check_arrival_{system}", specs=_specs(keys))
    def check_arrival(
        context: dg.AssetCheckExecutionContext, toolbox: dg.ResourceParam[Toolbox]
    ) -> Iterator[dg.AssetCheckResult]:
        suites = arrival_suites(
            system,
            declared,
            build_id=context.run.run_id,
            as_of=_as_of_before_ingestion(context, toolbox),
        )
        yield from _check(context, toolbox, f"check arrival of {system}", suites, keys)

    return check_arrival


def suite_checks(
    name: str, keys: Mapping[str, dg.AssetKey], suites: Callable[[date], list[Suite]]
) -> dg.AssetChecksDefinition:
    """Suites on what dbt built, one blocking check per asset. `keys` maps a suite to its asset."""

    @dg.multi_asset_check(name=name, specs=_specs(keys))
    def check_built(
        context: dg.AssetCheckExecutionContext, toolbox: dg.ResourceParam[Toolbox]
    ) -> Iterator[dg.AssetCheckResult]:
        with toolbox.telling():
            as_of = recorded_as_of(toolbox, context.run.run_id)
        yield from _check(context, toolbox, name.replace("_", " "), suites(as_of), keys)

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


def _as_of_before_ingestion(context: dg.AssetCheckExecutionContext, tools: Toolbox) -> date | None:
    """The build's date where it is known without the records; else None."""
    asked, setting, partition = asked_as_of(context), tools.settings.as_of, partition_date(context)
    if asked is None and setting is None and partition is None:
        return None
    return resolve_as_of(asked=asked, setting=setting, partition=partition, newest_record=None)


def _check(
    context: dg.AssetCheckExecutionContext,
    tools: Toolbox,
    step: str,
    suites: list[Suite],
    keys: Mapping[str, dg.AssetKey],
) -> Iterator[dg.AssetCheckResult]:
    with progress.step(step), tools.telling():
        results = tools.quality.validate(tools.warehouse.path, suites)
        with tools.warehouse.connect() as connection:
            record(connection, context.run.run_id, results)
    for suite, key in keys.items():
        yield _as_check_result(key, [each for each in results if each.suite == suite])
    failed = [each for each in results if each.is_blocking_failure]
    if failed:
        tools.fail("\n".join(f"Check failed: {sentence(each)}" for each in failed[:SHOWN]))


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
