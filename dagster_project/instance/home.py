"""The home folder as Dagster's instance. Belongs here: making the folders, and Dagster's configuration.
Does not belong here: running anything."""

from __future__ import annotations

import os

from dagster_project.errors import UserError
from dagster_project.settings import Settings

DAGSTER_HOME = "DAGSTER_HOME"
# Every run writes the warehouse, so one runs at a time: a run of the page, whatever it is of, waits for its
# turn. Steps print nothing that their events do not hold, and capturing it would take the terminal from the
# bars.
DAGSTER_YAML = """\
# Written by `lifecycle`; one run writes at a time, and one that hangs is ended after six hours.
telemetry: {enabled: false}
nux: {enabled: false}
run_monitoring: {enabled: true, max_runtime_seconds: 21600}
concurrency:
  runs: {max_concurrent_runs: 1}
event_log_storage:
  module: dagster_project.instance.storage
  class: KeptOpenEventLog
  config: {base_dir: {env: DAGSTER_HOME}}
compute_logs:
  module: dagster_project.instance.storage
  class: NoComputeLogs
"""


def prepare_home(settings: Settings) -> None:
    """Makes the home folder and those in it that only its owner may look into: all but the folder `served`,
    and sets DAGSTER_HOME for this process and its children. Raises UserError when they cannot be
    written."""
    try:
        for folder in (settings.dagster_home, settings.dbt_target_folder):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        configuration = settings.dagster_home / "dagster.yaml"
        if not configuration.exists() or configuration.read_text() != DAGSTER_YAML:
            configuration.write_text(DAGSTER_YAML)
        if not os.access(settings.home, os.W_OK):
            raise PermissionError(settings.home)
    except OSError as error:
        raise UserError(
            f"The home folder cannot be written ({error.strerror or type(error).__name__}).",
            where=str(settings.home),
            todo="Set LIFECYCLE_HOME to a folder that can be written and has space.",
        ) from None
    os.environ[DAGSTER_HOME] = str(settings.dagster_home)
