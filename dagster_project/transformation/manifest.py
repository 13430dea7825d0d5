"""The manifest of the dbt project: what models, tests and seeds there are. Belongs here: keeping it as new
as the project's files. Does not belong here: what Dagster makes of it (`components/dbt_translator.py`)."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.errors import UserError
from dagster_project.settings import Settings
from dagster_project.transformation.project import (
    DBT_FOLDER,
    dbt_arguments,
    dbt_environment,
    inherited_environment,
    project_fingerprint,
)
from dagster_project.transformation.runner import invoke

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

STAMP = "manifest.sha256"


def manifest_path(settings: Settings) -> Path:
    """The manifest that Dagster reads its assets from."""
    return settings.dbt_target_folder / "manifest.json"


def ensure_manifest(settings: Settings) -> Path:
    """The manifest of the project as it is now: parsed again only when a file of the project changed.
    Raises UserError with dbt's own words when the project does not parse."""
    path, stamp = manifest_path(settings), settings.dbt_target_folder / STAMP
    fingerprint = project_fingerprint()
    if path.exists() and stamp.exists() and stamp.read_text() == fingerprint:
        return path
    settings.dbt_target_folder.mkdir(parents=True, exist_ok=True)
    # A process of its own: Ctrl-C ends it at once, and dbt is not loaded where nothing is built.
    outcome = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *dbt_arguments(settings, "parse", shown="error")],
        env={**inherited_environment(), **dbt_environment(settings)},
        cwd=settings.home,
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        raise UserError(
            f"The dbt project does not parse: {' '.join(outcome.stdout.split()[-80:])}",
            where=str(DBT_FOLDER),
            todo="Correct the file that dbt names, then run this again.",
        )
    stamp.write_text(fingerprint)
    return path


@cache
def read_manifest(settings: Settings) -> dict[str, Any]:
    """The manifest of the project as it is now, read once a process."""
    return dict(json.loads(ensure_manifest(settings).read_text()))


@cache
def parsed_manifest(settings: Settings) -> Manifest:
    """The same as dbt's own object, which builds are run with: dbt parses once a process."""
    from dbt.contracts.graph.manifest import Manifest

    parsed = invoke(settings, ["--no-write-json", *dbt_arguments(settings, "parse")]).result
    assert isinstance(parsed, Manifest), "what Dagster's definitions were made of parses"
    return parsed
