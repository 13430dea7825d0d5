"""Runs the driver as a process in the environment for Spark. Belongs here: its command line, and reading what
it emits. Does not belong here: what it does (`driver.py`)."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DRIVER = Path(__file__).with_name("driver.py")
DONE = ("success", "pass", "warn", "skipped", "no-op")  # no-op: exposures


@dataclass
class Run:
    """A run on Spark: seconds by step, seconds by node that dbt ran, and error messages."""

    is_done: bool = False
    version: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    nodes: dict[str, float] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)


def run_on_spark(
    python: Path,
    spark_home: Path,
    folder: Path,
    arguments: list[str],
    configuration: dict[str, str],
    on_node: Callable[[str, int], None] = lambda node, count: None,
) -> Run:
    """Runs the driver and waits for it. `configuration` is Spark's. `on_node` is called for every seed, model
    and test that has finished, with its name and the number finished so far."""
    conf = [part for item in configuration.items() for part in ("--conf", "=".join(item))]
    log = folder / "driver.log"
    run = Run()
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [str(python), str(DRIVER), *arguments, *conf],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=folder,
            env={
                **_environment(),
                "SPARK_HOME": str(spark_home),
                "SPARK_LOCAL_IP": "127.0.0.1",
                "PYSPARK_PYTHON": str(python),
            },
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                _note(run, json.loads(line), on_node)
    run.is_done = process.returncode == 0
    if not run.is_done and not run.troubles:
        run.troubles.append(f"Spark could not run: {_last_words(log)}\n  where: {log}")
    return run


def _note(run: Run, facts: dict[str, Any], on_node: Callable[[str, int], None]) -> None:
    if "step" in facts:
        run.seconds[facts["step"]] = facts["seconds"]
    if "session" in facts:
        run.version = facts["session"]["version"]
    if "node" in facts:
        run.nodes[facts["node"]] = facts["seconds"]
        on_node(facts["node"].split(".")[-1], len(run.nodes))
        if facts["status"] not in DONE:
            words = " ".join(facts["words"].split())[:600]
            run.troubles.append(f"{facts['node']}: {facts['status']}. {words}")


def _environment() -> dict[str, str]:
    """The environment of this process without the project's settings (one is a key) and its Python path."""
    left_out = ("LIFECYCLE_", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


def _last_words(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it ended without a message"
