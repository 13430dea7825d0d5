"""The `lifecycle` command. Belongs here: arguments, what is printed, exit codes. Does not belong
here: any work of the pipeline; commands call it and show what came of it. Nothing heavy is
imported before a command needs it, so that `lifecycle --help` answers at once."""

from __future__ import annotations

from dagster_project.cli.app import main

__all__ = ["main"]
