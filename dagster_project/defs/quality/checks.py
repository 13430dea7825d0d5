"""Great Expectations on what dbt built. Belongs here: which suite guards which asset. Does not belong
here: the suites (`quality/suites/`), or arrival checks (each system's component has its own)."""

from datetime import date

import dagster as dg

from dagster_project.components.checks import suite_checks
from dagster_project.quality.suites.freshness import freshness_suites
from dagster_project.quality.suites.inputs import input_suites
from dagster_project.quality.suites.marts import mart_suites
from dagster_project.quality.suites.model import Suite
from dagster_project.transformation.as_of import midnight

ANY_DAY = date(2000, 1, 1)  # names and relations of suites do not depend on the day


def _suites(as_of: date, timezone: str) -> list[Suite]:
    return [*freshness_suites(), *input_suites(as_of), *mart_suites(midnight(as_of, timezone))]


def _asset_key(suite: Suite) -> dg.AssetKey:
    """dagster-dbt names an asset by its configured schema and its name."""
    return dg.AssetKey(suite.relation.split("."))


quality_checks = suite_checks(
    "check_inputs_and_marts",
    {suite.name: _asset_key(suite) for suite in _suites(ANY_DAY, "UTC")},
    lambda state, settings: _suites(state.as_of, settings.reporting_timezone),
)
