"""The systems that are declared, enabled or not. Belongs here: reading their formats from the `defs.yaml`
files. Does not belong here: what Dagster makes of those files."""

from __future__ import annotations

from functools import cache

import yaml

from dagster_project.ingestion import Format, load_format
from dagster_project.settings import PROJECT_ROOT, known_systems


@cache
def declared_formats() -> dict[str, Format]:
    """The format of every declared system, so that each of their raw tables can exist, empty, when
    nothing was delivered: models read all of them (invariant 6)."""
    folder = PROJECT_ROOT / "dagster_project" / "defs" / "ingestion"
    formats = {}
    for system in known_systems():
        declared = yaml.safe_load((folder / system / "defs.yaml").read_text())
        formats[system] = load_format(declared["attributes"]["format"])
    return formats
