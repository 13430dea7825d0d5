"""Examinations of the machine: Python, packages, folder, disk, clock. Belongs here: what is true
before any data exists. Does not belong here: the pipeline's own files (`doctor_data.py`)."""

from __future__ import annotations

import platform
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from dagster_project.cli.findings import Finding, fail, ok, size, warn
from dagster_project.errors import UserError
from dagster_project.publication.code_version import DISTRIBUTION
from dagster_project.publication.served import served_builds
from dagster_project.settings import Settings

REINSTALL = "Install the locked versions again: `make build`, or the README's install command."
# Distributions whose module is not their name with underscores.
MODULES = {
    "graphql-core": "graphql",
    "python-dotenv": "dotenv",
    "pyyaml": "yaml",
    "dbt-core": "dbt.cli",
    "dbt-duckdb": "dbt.adapters.duckdb",
    "vl-convert-python": "vl_convert",
}
SPARE_BYTES = 200_000_000


def python() -> Iterator[Finding]:
    """Does the project support this Python?"""
    here = platform.python_version()
    try:
        from packaging.specifiers import SpecifierSet

        wanted = metadata.metadata(DISTRIBUTION)["Requires-Python"] or ""
    except (metadata.PackageNotFoundError, ModuleNotFoundError):
        yield fail("python", f"{here}; this project is not installed", REINSTALL)
        return
    if here in SpecifierSet(wanted):
        yield ok("python", here)
    else:
        yield fail("python", f"{here}, but {wanted} is needed", "Use a supported Python.")


def packages() -> Iterator[Finding]:
    """Can every dependency be imported, in a version that the project allows?"""
    try:
        from packaging.requirements import Requirement

        lines = metadata.requires(DISTRIBUTION) or []
    except (metadata.PackageNotFoundError, ModuleNotFoundError):
        return
    needed = [each for each in map(Requirement, lines) if each.marker is None]
    wrong = False
    for requirement in needed:
        name = requirement.name.lower()
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            version = ""
        if not version or not _is_importable(MODULES.get(name, name.replace("-", "_"))):
            wrong = True
            yield fail("packages", f"{name} cannot be imported", REINSTALL)
        elif not requirement.specifier.contains(version, prereleases=True):
            wrong = True
            found = f"{name} is {version}, not {requirement.specifier}"
            yield fail("packages", found, REINSTALL)
    if not wrong:
        yield ok("packages", f"{len(needed)} dependencies, all in a supported version")


def home(settings: Settings) -> Iterator[Finding]:
    """Can LIFECYCLE_HOME be written?"""
    folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        todo = "Let this user write there, or set LIFECYCLE_HOME to another folder."
        yield fail("home", f"{settings.home}: not writable ({error.strerror})", todo)
        return
    made = "" if settings.home.exists() else " (made by the first build)"
    yield ok("home", f"{settings.home}{made}")


def disk(settings: Settings) -> Iterator[Finding]:
    """Is there space for the next build beside those that are kept?"""
    folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    current = settings.served_folder / "current"
    used = _bytes_below(current.resolve()) if current.exists() else 0
    if settings.warehouse_path.exists():
        used += settings.warehouse_path.stat().st_size
    found = f"{size(free)} free, warehouse and current build {size(used)}"
    if free < SPARE_BYTES:
        yield fail("disk", found, "Free space, or move LIFECYCLE_HOME to a larger disk.")
    elif free < 2 * used + SPARE_BYTES:
        yield warn("disk", found, "Free space soon: a full refresh may need twice what is in use.")
    else:
        yield ok("disk", found)


def clock(settings: Settings) -> Iterator[Finding]:
    """Does the host's clock agree with what was published? (No result depends on it.)"""
    now = datetime.now(UTC)
    found = (
        f"{now:%Y-%m-%d %H:%M} UTC; nightly schedule in {settings.timezone}, "
        f"days of {settings.reporting_timezone}"
    )
    try:
        newest = max(
            (build.published_at for build in served_builds(settings.served_folder)),
            default=datetime.min,
        )
    except UserError:  # the examination of the served folder reports it
        newest = datetime.min
    if newest > now.replace(tzinfo=None) + timedelta(minutes=5):
        todo = "Set the clock: a build was published in its future, and the schedule follows the clock."
        yield warn("clock", found, todo)
    else:
        yield ok("clock", found)


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _is_importable(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
