"""The signature of a build. Belongs here: all that its rows depend on, but for deliveries and the date.
Does not belong here: what a signature decides (`incremental_state.py`)."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from importlib.metadata import version

import duckdb

from dagster_project.settings import Settings
from dagster_project.transformation.project import dbt_variables, project_fingerprint

# What rows of models are computed with: another version may compute others.
COMPUTING = ("duckdb", "dbt-core", "dbt-duckdb", "phonenumbers")


def build_signature(
    connection: duckdb.DuckDBPyConnection, settings: Settings, known_at: date | None
) -> str:
    """Changes with everything but deliveries and the date that a result depends on: the models and
    reference data, the libraries that compute, the settings that models read, and the key of the pseudonyms."""
    pads = connection.execute("select inner_pad, outer_pad from ingest.pseudonym_key").fetchone()
    parts = {
        "project": project_fingerprint(),
        "libraries": {name: version(name) for name in COMPUTING},
        "variables": dbt_variables(settings),
        "known_at": known_at.isoformat() if known_at else None,
        "key": hashlib.sha256(repr(pads).encode()).hexdigest(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
