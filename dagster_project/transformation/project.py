"""Where the dbt project is, how its process is to be called, and its manifest. Belongs here: paths,
environment and freshness of the manifest. Does not belong here: running models (`runner.py`)."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from dagster_project.errors import UserError
from dagster_project.settings import PROJECT_ROOT, Settings

DBT_FOLDER = PROJECT_ROOT / "dbt"
SEEDS_FOLDER = PROJECT_ROOT / "seeds" / "reference"
STAMP = "manifest.sha256"
SOURCES = ("*.sql", "*.yml", "*.md", "*.csv")


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
    outcome = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *dbt_arguments(settings, "parse")],
        env=dbt_environment(settings),
        cwd=settings.home,
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        words = " ".join(outcome.stdout.split()[-80:])
        raise UserError(
            f"The dbt project does not parse: {words}",
            where=str(DBT_FOLDER),
            todo="Correct the file that dbt names, then run this again.",
        )
    stamp.write_text(fingerprint)
    return path


def dbt_arguments(settings: Settings, command: str) -> list[str]:
    """A dbt command with what all have in common. The vars are the same for parsing and building, or dbt
    would parse twice; the build's date is not among them (macros/as_of.sql says why). Its log says what failed:
    writing each statement there took a tenth of a node, and they are in the target folder too."""
    return [
        *("--quiet", "--no-use-colors", "--log-level-file", "info", command),
        *("--project-dir", str(DBT_FOLDER)),
        *("--vars", json.dumps(dbt_variables(settings))),
    ]


def dbt_variables(settings: Settings) -> dict[str, Any]:
    """The settings that models read."""
    return {
        "systems": list(settings.systems),
        "currency": settings.currency,
        "extra_lifecycles": list(settings.extra_lifecycles),
        "lifecycles": list(lifecycles()),
    }


@cache
def lifecycles() -> tuple[dict[str, Any], ...]:
    """The lifecycles with their stages and predicates, as `dbt/lifecycles.yml` defines them."""
    content = yaml.safe_load((DBT_FOLDER / "lifecycles.yml").read_text())
    return tuple(content["lifecycles"])


def project_fingerprint() -> str:
    """A hash of every file that dbt parses: changes exactly when the project does. Settings do not change
    the graph: no model refers to another only under some of them (tests/conventions)."""
    digest = hashlib.sha256()
    for folder in (DBT_FOLDER, SEEDS_FOLDER):
        files = sorted(path for pattern in SOURCES for path in folder.rglob(pattern))
        for path in files:
            digest.update(str(path.relative_to(PROJECT_ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def dbt_environment(settings: Settings) -> dict[str, str]:
    """The environment of a dbt process that runs in the home folder: this process's without the project's
    settings (one is a key), with the path of the warehouse, artifacts outside the project, telemetry off. The
    path is a relative one, as dbt parses everything again for another: a home can be moved and copied."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LIFECYCLE_")}
    return {
        **inherited,
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_WAREHOUSE_PATH": settings.warehouse_path.name,
        "DBT_WAREHOUSE_THREADS": str(settings.threads),
        "DBT_WAREHOUSE_MEMORY_LIMIT": settings.memory_limit or _default_memory_limit(),
        "DBT_PROFILES_DIR": str(DBT_FOLDER),
        "DBT_TARGET_PATH": str(settings.dbt_target_folder),
        "DBT_LOG_PATH": str(settings.dbt_target_folder / "logs"),
        "PYTHONUNBUFFERED": "1",
    }


def _default_memory_limit() -> str:
    """What DuckDB would take by itself, such as 18.7 GiB: a profile cannot leave a setting out."""
    row = duckdb.sql("select current_setting('memory_limit')").fetchone()
    assert row is not None
    return str(row[0])


@cache
def read_manifest(settings: Settings) -> dict[str, Any]:
    """The manifest of the project as it is now, read once a process."""
    return dict(json.loads(ensure_manifest(settings).read_text()))
