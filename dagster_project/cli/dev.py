"""`lifecycle dev`: Dagster's web page with the whole lineage, and its daemon for the schedule and the sensor.
Belongs here: which processes run. Does not belong here: how they end (`instance/processes.py`), or how the
page is protected (`instance/own_page.py`)."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import sysconfig
from pathlib import Path

from dagster_project.errors import UserError
from dagster_project.instance.home import prepare_home
from dagster_project.instance.processes import run_together
from dagster_project.settings import PROJECT_ROOT, load_settings
from dagster_project.transformation.manifest import ensure_manifest

# Dagster raises it against itself when it reads checks that belong to an asset; nobody can act on it.
WARNING_OF_DAGSTER = "ignore:Parameter `execution_type`"


def run(arguments: argparse.Namespace) -> int:
    """Runs the page on loopback and the daemon until Ctrl-C or SIGTERM. Raises UserError when the port is
    taken."""
    settings = load_settings()
    _refuse_taken(arguments.port)
    prepare_home(settings)
    ensure_manifest(settings)
    os.environ.setdefault("PYTHONWARNINGS", WARNING_OF_DAGSTER)
    print("Dagster's page is starting.", flush=True)
    ended = run_together([_page(arguments.port), _daemon()])
    if ended is None:
        print("\nDagster's page and its daemon have ended.", flush=True)
        return 0
    raise UserError(
        f"Dagster's page or its daemon ended by itself (exit code {ended}).",
        where=f"http://127.0.0.1:{arguments.port}",
        todo="Read the lines above, then start it again.",
    )


def _page(port: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "dagster_project.instance.webserver",
        str(port),
        str(PROJECT_ROOT),
    ]


def _daemon() -> list[str]:
    command = Path(sysconfig.get_path("scripts")) / "dagster-daemon"
    location = ["-m", "dagster_project.definitions", "--working-directory", str(PROJECT_ROOT)]
    return [str(command), "run", *location, "--log-level", "warning"]


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UserError(
                f"The page cannot open its port ({error.strerror}).",
                where=f"127.0.0.1:{port}",
                todo="End what uses it, or choose another with --port.",
            ) from None
