"""The version of the code that made a build. Belongs here: the version written to `meta.build_info`.
Does not belong here: versions of the dependencies (`lifecycle doctor`)."""

from __future__ import annotations

import subprocess
from importlib import metadata
from pathlib import Path

from dagster_project.settings import PROJECT_ROOT

DISTRIBUTION = "customer-lifecycle-warehouse"


def code_version(project: Path = PROJECT_ROOT) -> str:
    """The project's version, with `+g<commit>` in a git clone, and `.dirty` when tracked files have
    changed. Without git or a clone, the version alone."""
    try:
        version = metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        version = "0+unknown"
    if not (project / ".git").exists():
        return version
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty=.dirty", "--exclude", "*"],
            cwd=project,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return version
    return f"{version}+g{described}"
