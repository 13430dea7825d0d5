"""Peers: the same marts by other ways, on the same files. They are the usual dbt project with a table per
model, Great Expectations on pandas frames, and pandas alone. Belongs here: running them. Does not belong
here: the product, or the baseline."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bench.baseline.run import scripts, thresholds
from bench.company.generate import CLOSED
from bench.measure import BenchmarkError
from bench.peers.usual_way import write_project
from dagster_project.transformation.project import SEEDS_FOLDER

if TYPE_CHECKING:
    from bench.watch import Watched

HERE = Path(__file__).parent
WAREHOUSE = "peer.duckdb"
Watcher = Callable[[str, list[str], Path, dict[str, str] | None], "Watched"]
# Pandas holds everything in memory. It runs where half of what it takes is free, and may be killed.
PANDAS_NEEDS_GB = {"S": 1, "M": 16, "2M": 32, "L": 80}


def measure(
    folder: Path, source: Path, size: str, memory: str, watched: Watcher
) -> tuple[list[Watched], list[str]]:
    """Runs each peer once into an emptied folder. Returns what they used, and why others did not run."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    done: list[Watched] = []
    notes: list[str] = []
    day = CLOSED.isoformat()
    warehouse = folder / WAREHOUSE
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("LIFECYCLE_")},
        "PEER_WAREHOUSE": str(warehouse),
        "PEER_MEMORY": memory,
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
    }
    seeds = str(SEEDS_FOLDER)
    folders = {"source": str(source), "seeds": seeds, "as_of": day}
    given = json.dumps({**folders, "system": "generic", "currency": "EUR", **thresholds(seeds)})
    project = folder / "usual_way"
    write_project(project, scripts("generic"))
    places = ["--project-dir", str(project), "--profiles-dir", str(project)]
    outputs = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    dbt = [sys.executable, "-m", "dbt.cli.main", "build", "--vars", given, *places, *outputs]
    frames = [sys.executable, str(HERE / "gx_frames.py"), str(warehouse)]
    pandas = [sys.executable, str(HERE / "in_pandas.py"), str(folder / "pandas"), str(source), day]
    has_gb = _available_gb()
    for name, command in (
        ("the usual way: dbt build, a table per model", dbt),
        ("the usual way: GX on pandas frames", frames),
        ("pandas alone (main marts)", pandas),
    ):
        if command is pandas and has_gb < PANDAS_NEEDS_GB[size]:
            notes.append(
                f"pandas did not run at size {size}: {has_gb:.0f} GB of memory are free, and it takes"
                f" more than {PANDAS_NEEDS_GB[size]}."
            )
            continue
        try:
            done.append(watched(name, command, folder, environment))
        except BenchmarkError as error:
            notes.append(f"{name}: {error}")
    return done, notes


def _available_gb() -> float:
    """Memory that a new process can have: free, or in the page cache."""
    words = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return int(words["MemAvailable"].split()[0]) / 1024**2
