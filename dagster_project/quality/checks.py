"""The result of one check, whoever ran it. Belongs here: plain data. Does not belong here: running or recording
checks."""

from __future__ import annotations

from dataclasses import dataclass

from dagster_project.quality.suites.model import Severity


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
