"""The nightly run: the job as the daemon runs it, for a day, with the resource that Dagster makes."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import NewInstallation
from tests.support.installation import ROOT, Installation

NIGHTLY_RUN = """
import sys
import dagster as dg
from dagster_project.instance.home import prepare_home
from dagster_project.definitions import defs
from dagster_project.settings import load_settings

settings = load_settings()
prepare_home(settings)
job = defs().resolve_job_def("nightly_build")
with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
    result = job.execute_in_process(
        instance=instance, partition_key=sys.argv[1], raise_on_error=False,
        asset_selection=[
            key for key in job.asset_layer.executable_asset_keys if key.path[0] in sys.argv[2:]
        ] or None,
    )
sys.exit(0 if result.success else 1)
"""


def _run(installation: Installation, *arguments: str, **process: str) -> int:
    return subprocess.run(
        [sys.executable, "-c", NIGHTLY_RUN, *arguments],
        env={**installation.environment(), **process},
        cwd=ROOT,
        capture_output=True,
        check=False,
    ).returncode


def test_the_job_of_a_day_publishes_as_of_its_end_wherever_it_runs(
    new_installation: NewInstallation, golden: Installation
) -> None:
    settings = {name: text for name, text in golden.settings.items() if name != "AS_OF"}
    elsewhere = {"THREADS": "1", "TIMEZONE": "Pacific/Auckland"}
    installation = new_installation(**settings, **elsewhere)
    assert _run(installation, "2025-06-30", TZ="America/New_York", LC_ALL="C") == 0
    with installation.served() as connection:
        assert connection.execute("select as_of::varchar from meta.build_info").fetchone() == (
            "2025-07-01",
        )
    assert installation.canonical_marts() == golden.canonical_marts()


def test_publishing_alone_publishes_the_last_audited_build(golden: Installation) -> None:
    build, before = golden.published_build(), golden.canonical_marts()
    assert _run(golden, "2025-06-30", "served") == 0
    assert golden.published_build() == build
    assert golden.canonical_marts() == before
    with golden.private() as connection:
        builds = connection.execute("select status from meta.builds").fetchall()
    assert builds == [("published",)], "publishing alone is no build"
