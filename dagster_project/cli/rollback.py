"""`lifecycle rollback`: make another published build the current one. Belongs here: the command.
Does not belong here: how it is done (`publication/served.py`)."""

from __future__ import annotations

import argparse

from dagster_project.publication.served import rollback
from dagster_project.report.files import tidy
from dagster_project.settings import load_settings


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when readers see that build now."""
    settings = load_settings()
    build = rollback(settings.served_folder, to=arguments.to)
    if settings.reports_folder.is_dir():
        tidy(settings.reports_folder, settings.served_folder)
    print(f"Readers now see build {build.build_id}, as of {build.as_of}.")
    print(
        "The next published build replaces it. `lifecycle status` lists the builds that are kept."
    )
    return 0
