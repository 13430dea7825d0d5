"""`lifecycle dev`: Dagster's web page with the whole lineage, and its daemon for the schedule and the sensor.
Belongs here: handing over to Dagster. Does not belong here: anything Dagster does."""

from __future__ import annotations

import argparse
import os
import sys

from dagster_project.instance.home import prepare_home
from dagster_project.settings import PROJECT_ROOT, load_settings
from dagster_project.transformation.manifest import ensure_manifest


def run(arguments: argparse.Namespace) -> int:
    """Becomes `dagster dev` on loopback; Ctrl-C ends it. The page has no login: never offer it to a
    network as it is."""
    settings = load_settings()
    prepare_home(settings)
    ensure_manifest(settings)
    print(f"http://127.0.0.1:{arguments.port} (Ctrl-C ends it)", flush=True)
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    command = [sys.executable, "-m", "dagster", "dev", "-m", "dagster_project.definitions"]
    place = ["-h", "127.0.0.1", "-p", str(arguments.port), "--working-directory", str(PROJECT_ROOT)]
    os.execv(sys.executable, [*command, *place])
    return 1
