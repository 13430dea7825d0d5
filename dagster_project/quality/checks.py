"""The result of one check, whoever ran it, and its form on the wire between the worker and its
client. Belongs here: plain data and JSON. Does not belong here: running or storing checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dagster_project.quality.suites.model import Expectation, Severity, Suite


@dataclass(frozen=True)
class CheckResult:
    """What one check found.

    Attributes:
        suite: the suite's name; `dbt` for dbt tests.
        check_name: unique within suite and relation.
        relation: `<schema>.<table>` that was checked.
        passed: False also when the check could not run.
        observed: counts, shares, or names of columns and deliveries; never values of records.
        severity: `error` blocks what follows, `warning` is reported.
        column: the column concerned, where it is one.
        seconds: wall time; a suite's time is divided equally among its checks.
    """

    suite: str
    check_name: str
    relation: str
    passed: bool
    observed: str
    severity: Severity
    column: str | None = None
    seconds: float = 0.0

    @property
    def is_blocking_failure(self) -> bool:
        """Whether what follows must not run."""
        return not self.passed and self.severity == "error"


def suite_to_json(suite: Suite) -> dict[str, Any]:
    """A suite as JSON values."""
    return {
        **asdict(suite),
        "expectations": [
            {**asdict(expectation), "kwargs": dict(expectation.kwargs)}
            for expectation in suite.expectations
        ],
    }


def suite_from_json(values: Mapping[str, Any]) -> Suite:
    """The inverse of `suite_to_json`."""
    expectations = tuple(Expectation(**expectation) for expectation in values["expectations"])
    return Suite(**{**values, "expectations": expectations})
