"""A standalone Spark cluster on this machine, for as long as it is needed: one master and a few workers,
processes of their own that talk over loopback, as they would over a network. Belongs here: starting and
stopping them, and saying in words what is missing. Does not belong here: what runs on them."""

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
    """Workers, and what each offers: cores, and memory as Java writes it (2g)."""

    workers: int = 2
    cores: int = 1
    memory: str = "2g"


def find_spark(python: Path) -> Path:
    """The folder of the pyspark that `python` has. Raises UserError when there is none, or it came
    without its programs."""
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
            todo="Install pyspark itself (not pyspark-client), or give `--local` to do without one.",
        )
    return home


def check_java() -> str:
    """The first line of `java -version`. Raises UserError when there is no Java, or it is too old."""
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    todo = f"Install Java {OLDEST_JAVA} (Debian: openjdk-{OLDEST_JAVA}-jre-headless), or set JAVA_HOME."
    if program is None or not Path(program).exists():
        raise UserError("Spark needs Java, and there is none.", where=program or "PATH", todo=todo)
    told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version.group(1)) < OLDEST_JAVA:
        line = told.splitlines()[0] if told else "no version"
        raise UserError(f"This Java is too old for Spark: {line}.", where=program, todo=todo)
    return told.splitlines()[0]


@contextmanager
def running(spark_home: Path, folder: Path, size: Size) -> Iterator[str]:
    """A running cluster; gives its address, `spark://…`. Logs and the workers' scratch are in
    `folder`. Whatever happens, all of its processes have ended afterwards. Raises UserError when
    it does not come up."""
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
    """One process of the cluster, from when its log says that it is ready; gives what the log says."""
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
    ended = "ended" if process.poll() is not None else "said nothing for too long"
    raise UserError(
        f"A process of the Spark cluster {ended} while starting.",
        where=str(log),
        todo="Read the log's last lines; `--local` runs without a cluster.",
    )
