"""Where the dbt project is and how it is called. Belongs here: paths, arguments, environment and the
fingerprint of its files. Does not belong here: calling it (`runner.py`), or its manifest
(`manifest.py`)."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from functools import cache
from typing import Any

import duckdb
import yaml

from dagster_project.ingestion.words import word_codes
from dagster_project.settings import PROJECT_ROOT, Settings

DBT_FOLDER = PROJECT_ROOT / "dbt"
SEEDS_FOLDER = PROJECT_ROOT / "seeds" / "reference"
SOURCES = ("*.sql", "*.yml", "*.md", "*.csv")


def dbt_arguments(settings: Settings, command: str, *, shown: str = "none") -> list[str]:
    """A dbt command with what all have in common. The vars are the same for parsing and building, or dbt
    would parse twice; the date is not among them (dbt/macros/as_of.sql has the reason). dbt prints nothing, and
    its log holds what failed: writing each statement there took a tenth of a node, and they are in the target
    folder too."""
    return [
        *("--no-use-colors", "--log-level", shown, "--log-level-file", "info", command),
        *("--project-dir", str(DBT_FOLDER)),
        *("--vars", json.dumps(dbt_variables(settings))),
    ]


def build_arguments(
    settings: Settings, *, is_incremental: bool, selection: Sequence[str] = ()
) -> list[str]:
    """The dbt command of a build of what is selected (dbt's own options; nothing means all). Unit tests are for
    `make test`, not for every build; of exposures dbt would report that it did nothing. Only the tables of the
    schemas that are written are looked up. dbt would write its manifest after each build, which takes .6 s."""
    return [
        "--no-write-json",
        *dbt_arguments(settings, "build"),
        *("--use-fast-test-edges", "--cache-selected-only"),
        *("--exclude-resource-type", "unit_test"),
        *("--exclude-resource-type", "exposure"),
        *([] if is_incremental else ["--full-refresh"]),
        *selection,
    ]


def dbt_variables(settings: Settings) -> dict[str, Any]:
    """The settings that models read."""
    return {
        "systems": list(settings.systems),
        "currency": settings.currency,
        "reporting_timezone": settings.reporting_timezone,
        "extra_lifecycles": list(settings.extra_lifecycles),
        **fixed_variables(),
    }


def fixed_variables() -> dict[str, Any]:
    """What models read that no setting changes: the lifecycles, and the words of closed lists."""
    return {"lifecycles": list(lifecycles()), "words": word_codes()}


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
    """What dbt is configured with by the environment. dbt runs in the home folder and gets a relative path of
    the warehouse, as it parses everything again for another: so a home can be moved and copied. Its artifacts
    are written there too."""
    return {
        "DBT_WAREHOUSE_PATH": settings.warehouse_path.name,
        "DBT_WAREHOUSE_THREADS": str(settings.threads),
        "DBT_WAREHOUSE_MEMORY_LIMIT": settings.memory_limit or _default_memory_limit(),
        "DBT_PROFILES_DIR": str(DBT_FOLDER),
        "DBT_TARGET_PATH": str(settings.dbt_target_folder),
        "DBT_LOG_PATH": str(settings.dbt_target_folder / "logs"),
    }


def inherited_environment() -> dict[str, str]:
    """This process's environment for one that it starts, without the project's settings: one is a key."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LIFECYCLE_")}


def _default_memory_limit() -> str:
    """What DuckDB would take by itself, such as 18.7 GiB: a profile cannot leave a setting out."""
    row = duckdb.sql("select current_setting('memory_limit')").fetchone()
    assert row is not None
    return str(row[0])
