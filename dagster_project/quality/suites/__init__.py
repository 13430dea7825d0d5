"""The quality rules as pure data. Belongs here: suites of expectations about arrived data, the input
layer and the marts, each with its reason. Does not belong here: running Great Expectations
(`quality/gx/`), Dagster, or rules that dbt tests own (keys, relations, accepted reference codes,
reconciliations)."""

from dagster_project.quality.suites.arrival import arrival_suites
from dagster_project.quality.suites.freshness import freshness_suites
from dagster_project.quality.suites.inputs import input_suites
from dagster_project.quality.suites.marts import mart_suites
from dagster_project.quality.suites.model import Expectation, Severity, Suite

__all__ = [
    "Expectation",
    "Severity",
    "Suite",
    "arrival_suites",
    "freshness_suites",
    "input_suites",
    "mart_suites",
]
