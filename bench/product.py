"""The commands that are compared. Belongs here: how `lifecycle build` and `dbt build` are called, and in which
environment. Does not belong here: measuring them (`measure.py`)."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from dagster_project.settings import PROJECT_ROOT, Settings, load_settings
from dagster_project.transformation.incremental_state import Foundation
from dagster_project.transformation.project import dbt_environment
from dagster_project.transformation.runner import (
    NO_MANIFEST,
    build_arguments,
    build_environment,
)

# A key like any other: customer ids must be the same on both sides of a comparison.
KEY = "benchmark"
_MAIN = "import sys; from dagster_project.cli import main; sys.exit(main())"


def environment(home: Path, systems: str) -> dict[str, str]:
    """This process's environment with the settings of a benchmark home and nothing else of ours."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LIFECYCLE_")}
    path = os.pathsep.join(filter(None, [str(PROJECT_ROOT), inherited.get("PYTHONPATH")]))
    return {
        **inherited,
        "PYTHONPATH": path,
        "LIFECYCLE_HOME": str(home),
        "LIFECYCLE_SYSTEMS": systems,
        "LIFECYCLE_PII_KEY": KEY,
    }


def settings(values: Mapping[str, str]) -> Settings:
    """The settings that `lifecycle` reads in such an environment."""
    return load_settings(dict(values))


def lifecycle_build() -> list[str]:
    """`lifecycle build` as people type it, else its entry point."""
    script = Path(sys.executable).with_name("lifecycle")
    return [str(script), "build"] if script.exists() else [sys.executable, "-c", _MAIN, "build"]


def dbt_of_a_night(chosen: Settings) -> list[str]:
    """The `dbt build` that a night's lifecycle build runs, alone and with its artifacts, in the home folder."""
    return _dbt(build_arguments(chosen, builds_incrementally=True))


def dbt_by_hand(chosen: Settings) -> list[str]:
    """`dbt build` as people type it: of everything, with dbt's unit tests."""
    arguments = build_arguments(chosen)
    at = arguments.index("--exclude-resource-type")
    return _dbt([*arguments[:at], *arguments[at + 2 :]])


def _dbt(arguments: Sequence[str]) -> list[str]:
    written = [each for each in arguments if each != NO_MANIFEST]
    return [sys.executable, "-m", "dbt.cli.main", *written]


def dbt_variables(
    chosen: Settings, as_of: date, foundation: Foundation | None = None
) -> dict[str, str]:
    """dbt's environment: same warehouse, date, foundation and target folder as within a lifecycle build."""
    return {**dbt_environment(chosen), **build_environment(as_of, foundation)}


def build_results(settings: Settings) -> list[Path]:
    """dbt's results of the last build, one file for each part of the models."""
    return sorted(settings.dbt_target_folder.glob("run_results.*.json"))
