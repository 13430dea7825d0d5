"""The `lifecycle` command. Belongs here: arguments, what is printed, exit codes. Does not belong here: any work
of the pipeline; commands call it and show the result. A command imports what is heavy when it runs, so that
`lifecycle --help` answers at once."""

from __future__ import annotations

from dagster_project.cli.app import main

__all__ = ["main"]
