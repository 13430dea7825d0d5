"""A temporary standalone Spark cluster on this machine: one master and a few workers, each its own process,
that communicate over loopback as they would over a network. Belongs here: starting and stopping them, and
clear errors when something is missing. Does not belong here: what runs on them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dagster_project.errors import UserError

HOST = "127.0.0.1"
MASTER, WORKER = "org.apache.spark.deploy.master.Master", "org.apache.spark.deploy.worker.Worker"
LISTENS = re.compile(r"Starting Spark master at (spark://\S+)")
REGISTERED = re.compile(r"Successfully registered with master")
OLDEST_JAVA = 17
PATIENCE_SECONDS = 180.0
INSTALL = "Run `make spark`, which sets it up from requirements-spark.lock."


@dataclass(frozen=True)
class Size:
    """The number of workers, and each worker's cores and memory, in Java's notation (2g)."""

    workers: int = 2
    cores: int = 1
    memory: str = "2g"


def find_spark(python: Path) -> Path:
    """The folder of the pyspark that `python` has. Raises UserError when there is none, or when it has no
    `spark-class`."""
    if not python.exists():
        raise UserError("There is no environment for Spark.", where=str(python), todo=INSTALL)
    look = "import importlib.util as u; print(u.find_spec('pyspark').submodule_search_locations[0])"
    found = subprocess.run([str(python), "-c", look], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        raise UserError("pyspark is not installed.", where=str(python), todo=INSTALL)
    home = Path(found.stdout.strip())
    if not (home / "bin" / "spark-class").is_file():
        raise UserError(
            "This pyspark came without `spark-class`, which starts a cluster.",
            where=str(home / "bin"),
            todo="Install pyspark itself (not pyspark-client), or run without a cluster with `--local`.",
        )
    return home


def check_java() -> str:
    """The first line of `java -version`. Raises UserError when there is no Java, or when it is too old."""
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    todo = f"Install Java {OLDEST_JAVA} (Debian: openjdk-{OLDEST_JAVA}-jre-headless), or set JAVA_HOME."
    if program is None or not Path(program).exists():
        raise UserError("Spark needs Java, and there is none.", where=program or "PATH", todo=todo)
    output = subprocess.run(
        [program, "-version"], capture_output=True, text=True, check=False
    ).stderr
    version = re.search(r'version "(\d+)', output)
    if version is None or int(version.group(1)) < OLDEST_JAVA:
        line = output.splitlines()[0] if output else "no version"
        raise UserError(f"This Java is too old for Spark: {line}.", where=program, todo=todo)
    return output.splitlines()[0]


@contextmanager
def running(spark_home: Path, folder: Path, size: Size) -> Iterator[str]:
    """Runs a cluster and yields its address, `spark://…`. Logs and the workers' scratch are in `folder`. All
    processes end with the context, whatever happens. Raises UserError when the cluster does not start."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        address = stack.enter_context(
            _process(spark_home, folder / "master.log", LISTENS, MASTER, "--port", "0")
        )
        for number in range(1, size.workers + 1):
            name = f"worker-{number}"
            stack.enter_context(
                _process(
                    *(spark_home, folder / f"{name}.log", REGISTERED, WORKER),
                    *("--cores", str(size.cores), "--memory", size.memory),
                    *("--work-dir", str(folder / name), address),
                )
            )
        yield address


@contextmanager
def _process(
    spark_home: Path, log: Path, ready: re.Pattern[str], program: str, *arguments: str
) -> Iterator[str]:
    """Runs one process of the cluster. Once its log shows that it is ready, yields the text that matched."""
    environment = {
        **os.environ,
        "SPARK_HOME": str(spark_home),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_DAEMON_MEMORY": "512m",
    }
    command = [str(spark_home / "bin" / "spark-class"), program]
    command += ["--host", HOST, "--webui-port", "0", *arguments]
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environment)
    try:
        yield _wait(process, log, ready)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path, ready: re.Pattern[str]) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = ready.search(log.read_text(errors="replace"))
        if found:
            return found.group(found.lastindex or 0)
        time.sleep(0.2)
    ended = "ended" if process.poll() is not None else "was not ready in time"
    raise UserError(
        f"A process of the Spark cluster {ended} while starting.",
        where=str(log),
        todo="Read the log's last lines; `--local` runs without a cluster.",
    )
