"""`lifecycle doctor`: can this installation build and serve? Belongs here: running all examinations and showing
their findings. Does not belong here: the examinations (`doctor_machine.py`, `doctor_data.py`)."""

from __future__ import annotations

import argparse
from collections import Counter

from dagster_project.cli import doctor_data, doctor_machine
from dagster_project.cli.findings import Finding, fail, ok
from dagster_project.cli.terminal import Table, show
from dagster_project.errors import SettingError
from dagster_project.settings import Settings, load_settings


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when nothing fails, 1 when something does, 2 for unusable settings."""
    findings = [*doctor_machine.python(), *doctor_machine.packages()]
    settings: Settings | None = None
    try:
        settings = load_settings()
    except SettingError as error:
        findings.append(fail("settings", f"{error.what} ({error.where})", error.todo))
    if settings is not None:
        findings.append(ok("settings", f"systems {', '.join(settings.systems)}"))
        findings += examine(settings)
    show(
        Table(
            "Doctor",
            ["", "subject", "found"],
            [(each.level, each.subject, each.found) for each in findings],
        )
    )
    # Below the table: what to do is a sentence, and a terminal would wrap it inside a column.
    for finding in findings:
        if finding.todo:
            print(f"  {finding.level} {finding.subject}: {finding.todo}")
    counts = Counter(finding.level for finding in findings)
    print(f"\n{counts['ok']} ok, {counts['warn']} warnings, {counts['fail']} failures.")
    if settings is None:
        return 2
    return 1 if counts["fail"] else 0


def examine(settings: Settings) -> list[Finding]:
    """Everything that needs the settings."""
    return [
        *doctor_machine.home(settings),
        *doctor_machine.disk(settings),
        *doctor_machine.clock(settings),
        *doctor_data.key(settings),
        *doctor_data.landing(settings),
        *doctor_data.warehouse(settings),
        *doctor_data.served_file(settings),
        *doctor_data.freshness(settings),
        *doctor_data.leftovers(settings),
    ]
