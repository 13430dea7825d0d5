"""The machine and the versions of a measurement. Belongs here: facts about where the benchmark runs. Does
not belong here: measuring."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("dbt-core", "dbt-duckdb", "dagster", "great-expectations", "duckdb")
GIGABYTE = 1024**3


def describe() -> list[tuple[str, str]]:
    """Date, machine and versions, as (name, value)."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGABYTE
    return [
        ("date", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"),
        ("machine", f"{os.cpu_count()} cores, {memory:.0f} GB, {_processor()}"),
        ("Python", platform.python_version()),
        *((package, _version(package)) for package in PACKAGES),
    ]


def load() -> str:
    """How busy the machine is: the load averages of the last 1, 5 and 15 minutes."""
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:  # noqa: PTH123 - no folder of ours
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
