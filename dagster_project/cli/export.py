"""`lifecycle export --lake`: what the models read, as Parquet, for another engine. Belongs here: the command
and what it prints. Does not belong here: the files (`publication/lake.py`)."""

from __future__ import annotations

import argparse
from pathlib import Path

from dagster_project.cli.terminal import Table, cell, show
from dagster_project.publication.lake import export_lake
from dagster_project.settings import load_settings


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when the lake is written whole."""
    settings = load_settings()
    named = Path(arguments.lake).expanduser().resolve() if arguments.lake else None
    lake = export_lake(settings, named or settings.home / "lake")
    facts: list[tuple[str, object]] = [
        ("folder", lake.folder),
        ("tables", len(lake.rows)),
        ("rows", sum(lake.rows.values())),
        ("megabytes", lake.bytes / 1e6),
        ("as of", lake.as_of or "no finished build"),
    ]
    show(Table("Exported", ["", "value"], [(name, cell(value)) for name, value in facts]))
    print(
        "\nPrivate: the records name people, and ingest/pseudonym_key holds the key of their "
        "pseudonyms.\nOnly this user can read the files. Keep it so wherever you copy them."
    )
    return 0
