"""Great Expectations on what dbt built. Belongs here: which suite guards which asset. Does not belong
here: the suites (`quality/suites/`), or arrival checks (each system's component has its own)."""

from datetime import date

import dagster as dg

from dagster_project.components.checks import suite_checks
from dagster_project.quality.suites.inputs import input_suites
from dagster_project.quality.suites.marts import mart_suites
from dagster_project.quality.suites.model import Suite

ANY_DAY = date(2000, 1, 1)  # names and relations of suites do not depend on the day


def _suites(as_of: date) -> list[Suite]:
    return [*input_suites(as_of), *mart_suites(as_of)]


def _asset_key(suite: Suite) -> dg.AssetKey:
    """dagster-dbt names an asset by its configured schema and its name."""
    return dg.AssetKey(suite.relation.split("."))


quality_checks = suite_checks(
    "check_inputs_and_marts",
    {suite.name: _asset_key(suite) for suite in _suites(ANY_DAY)},
    lambda state: _suites(state.as_of),
)
