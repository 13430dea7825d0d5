"""`lifecycle dev`: Dagster's web page with the whole lineage, and its daemon for the schedule and the sensor.
Belongs here: which processes run. Does not belong here: how they end (`instance/processes.py`), or how the
page is protected (`instance/own_page.py`)."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import sysconfig
import tempfile
from pathlib import Path

from dagster_project.errors import UserError
from dagster_project.instance.home import prepare_home
from dagster_project.instance.processes import run_together
from dagster_project.settings import PROJECT_ROOT, load_settings
from dagster_project.transformation.manifest import ensure_manifest

CODE_LOCATION, PAGE = "dagster_project.definitions", "dagster_project.instance.webserver"
SOCKET = "code.sock"
# Dagster raises it against itself when it reads checks that belong to an asset; nobody can act on it.
WARNING_OF_DAGSTER = "ignore:Parameter `execution_type`"


def run(arguments: argparse.Namespace) -> int:
    """Runs the page on loopback, the daemon, and the code that both use, until Ctrl-C or SIGTERM. Raises
    UserError when the port is taken."""
    settings = load_settings()
    _refuse_taken(arguments.port)
    prepare_home(settings)
    ensure_manifest(settings)
    os.environ.setdefault("PYTHONWARNINGS", WARNING_OF_DAGSTER)
    print("Dagster's page is starting.", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        ended = run_together(
            _commands(arguments.port, Path(folder)), (Path(folder) / SOCKET).exists
        )
    if ended is None:
        print("\nDagster's page and its daemon have ended.", flush=True)
        return 0
    raise UserError(
        f"A process of Dagster's page ended by itself ({ended}).",
        where=f"http://127.0.0.1:{arguments.port}",
        todo="Read the lines above, then start it again.",
    )


def _commands(port: int, folder: Path) -> dict[str, list[str]]:
    """One server of the code, as in `dagster dev`: given the module, the daemon loads it anew each minute."""
    socket_file, workspace = str(folder / SOCKET), folder / "workspace.yaml"
    server = {"socket": socket_file, "location_name": CODE_LOCATION}
    workspace.write_text(json.dumps({"load_from": [{"grpc_server": server}]}))
    scripts = Path(sysconfig.get_path("scripts"))
    code = ["-m", CODE_LOCATION, "--working-directory", str(PROJECT_ROOT), "--socket", socket_file]
    quiet = ["--log-level", "warning"]
    return {
        "the code": [str(scripts / "dagster"), "code-server", "start", *code, *quiet],
        "the page": [sys.executable, "-m", PAGE, str(port), str(workspace)],
        "the daemon": [str(scripts / "dagster-daemon"), "run", "-w", str(workspace), *quiet],
    }


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
