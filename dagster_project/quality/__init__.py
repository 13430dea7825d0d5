"""Running the suites of `quality/suites/` and keeping their results. Belongs here: the Great
Expectations worker process, its client, and the table of results. Does not belong here: what is
expected (`quality/suites/`), Dagster (`defs/quality/`), or what to do about a failure."""

from dagster_project.quality.checks import CheckResult
from dagster_project.quality.gx.client import QualityWorker, QualityWorkerError

__all__ = ["CheckResult", "QualityWorker", "QualityWorkerError"]
