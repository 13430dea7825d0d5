"""The product's commands and records. Belongs here: how `lifecycle build` and `dbt build` are called, in which
environment, and where a build leaves its results: whatever changes when the product does. Does not belong here:
measuring (`measure.py`)."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from bench.measure import BenchmarkError
from dagster_project.settings import PROJECT_ROOT, Settings, load_settings
from dagster_project.transformation.incremental_state import Base, build_environment
from dagster_project.transformation.project import (
    build_arguments,
    dbt_environment,
    inherited_environment,
)

# Customer ids must be the same on both sides of a comparison, so both use this key.
KEY = "benchmark"
_MAIN = "import sys; from dagster_project.cli import main; sys.exit(main())"


def environment(home: Path, systems: str) -> dict[str, str]:
    """This process's environment with the settings of a benchmark home and no others of the product."""
    inherited = inherited_environment()
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
    """`lifecycle build` as people type it; without an installed command, its entry point."""
    script = Path(sys.executable).with_name("lifecycle")
    return [str(script), "build"] if script.exists() else [sys.executable, "-c", _MAIN, "build"]


def incremental_dbt(chosen: Settings) -> list[str]:
    """The `dbt build` of an incremental lifecycle build, run alone in the home folder."""
    return _dbt(build_arguments(chosen, is_incremental=True))


def dbt_by_hand(chosen: Settings) -> list[str]:
    """`dbt build` as people type it: everything, with dbt's unit tests."""
    arguments = build_arguments(chosen, is_incremental=False)
    at = arguments.index("--exclude-resource-type")
    return _dbt([*arguments[:at], *arguments[at + 2 :]])


def _dbt(arguments: Sequence[str]) -> list[str]:
    written = [each for each in arguments if each != "--no-write-json"]
    return [sys.executable, "-m", "dbt.cli.main", *written]


def dbt_variables(chosen: Settings, *, is_incremental: bool) -> dict[str, str]:
    """dbt's environment within the next lifecycle build: same warehouse, date, state and target folder. Raises
    BenchmarkError when the models were not built whole before."""
    with duckdb.connect(str(chosen.warehouse_path), read_only=True) as connection:
        row = connection.execute(
            "select as_of, last_load from meta.incremental_state where phase = 'complete'"
        ).fetchone()
    if row is None:
        raise BenchmarkError(f"No models were built whole in {chosen.warehouse_path}.")
    base = Base(*row)
    return {
        **inherited_environment(),
        **dbt_environment(chosen),
        **build_environment(base.as_of, base=base if is_incremental else None),
    }


def build_results(settings: Settings) -> list[Path]:
    """dbt's results of the last build, one file for each part of the models."""
    return sorted(settings.dbt_target_folder.glob("run_results.*.json"))
