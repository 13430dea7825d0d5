"""`python -m spark`: builds on DuckDB, runs the same models on a Spark cluster and compares every mart. Belongs
here: arguments, the order of the steps and the printed tables. Does not belong here: the steps themselves."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import markdown
from bench.report import Report
from dagster_project.cli.terminal import Table, cell, show, show_list
from dagster_project.errors import UserError
from dagster_project.publication.lake import export_lake
from dagster_project.settings import PROJECT_ROOT, Settings, load_settings
from spark.cluster import Size, check_java, find_spark, running
from spark.compare import MartComparison, compare
from spark.run import Run, run_on_spark

PYTHON = PROJECT_ROOT / ".venv-spark" / "bin" / "python"
# For data that fits on one machine; Spark's default of 200 partitions is for larger data.
SHUFFLE_PARTITIONS = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 when every mart is equal, 1 when one differs or a step fails."""
    chosen = _parse(arguments)
    with tempfile.TemporaryDirectory(prefix="lifecycle-spark-") as temporary:
        folder = (chosen.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return _prove(chosen, folder)
        except UserError as error:
            print(f"\nNOT compared: {error}", file=sys.stderr)
            return 1


def _prove(chosen: argparse.Namespace, folder: Path) -> int:
    java, spark_home = check_java(), find_spark(chosen.python)
    seconds: dict[str, float] = {}
    settings = _installation(chosen, folder)
    if chosen.home is None:
        with _step("build on DuckDB", seconds):
            _build(settings)
    with _step("export the lake", seconds):
        lake = export_lake(settings, folder / "lake")
    size = Size(chosen.workers, chosen.cores, chosen.memory)
    with ExitStack() as stack:
        master = f"local[{size.workers * size.cores}]"
        if not chosen.local:
            with _step("start the cluster", seconds):
                master = stack.enter_context(running(spark_home, folder / "cluster", size))
        print(f"run the models on {master}", flush=True)
        run = run_on_spark(
            *(chosen.python, spark_home, folder),
            [
                *(str(lake.folder), "--marts", str(folder / "marts")),
                *("--target", str(folder / "dbt"), "--threads", str(chosen.threads)),
                *(["--tests"] if chosen.tests else []),
                *(["--select", chosen.select] if chosen.select else []),
            ],
            _configuration(chosen, folder, master),
            _report_node,
        )
    seconds.update({f"Spark: {name}": value for name, value in run.seconds.items()})
    found: list[MartComparison] = []
    if run.is_done:
        with _step("compare", seconds):
            marts = [path.name for path in (folder / "marts").iterdir()]
            found = compare(
                settings.warehouse_path,
                folder / "marts",
                marts,
                folder / "scratch",
                is_part=chosen.select is not None,
            )
    tables = _tables(java, master, size, lake.bytes, run, seconds, found)
    show(*tables)
    if chosen.write is not None:
        markdown.write(chosen.write, chosen.section, Report(tables=tables, troubles=run.troubles))
    return _verdict(run, found)


def _installation(chosen: argparse.Namespace, folder: Path) -> Settings:
    """The installation whose marts are compared: the one given, else the demo company in a new home."""
    if chosen.home is not None:
        return load_settings({**os.environ, "LIFECYCLE_HOME": str(chosen.home)})
    return load_settings({"LIFECYCLE_HOME": str(folder / "home"), "LIFECYCLE_SYSTEMS": "demo"})


def _build(settings: Settings) -> None:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LIFECYCLE_")}
    path = os.pathsep.join(filter(None, [str(PROJECT_ROOT), inherited.get("PYTHONPATH")]))
    outcome = subprocess.run(
        [sys.executable, "-m", "dagster_project.cli", "build"],
        env={
            **inherited,
            "PYTHONPATH": path,
            "LIFECYCLE_HOME": str(settings.home),
            "LIFECYCLE_SYSTEMS": ",".join(settings.systems),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        raise UserError(
            f"The build on DuckDB failed: {' '.join(outcome.stderr.split())[-600:]}",
            where=str(settings.home),
            todo="Run `make build` and read its messages.",
        )


def _configuration(chosen: argparse.Namespace, folder: Path, master: str) -> dict[str, str]:
    """Spark's settings for this machine. The catalog ends with the session, so that every run is a full
    refresh."""
    return {
        "spark.master": master,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": chosen.memory,
        "spark.executor.memory": chosen.executor_memory,
        "spark.sql.shuffle.partitions": str(chosen.partitions),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.local.dir": str(folder / "scratch"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


@contextmanager
def _step(name: str, seconds: dict[str, float]) -> Iterator[None]:
    print(name, flush=True)
    started = time.monotonic()
    yield
    seconds[name] = time.monotonic() - started


def _report_node(name: str, number: int) -> None:
    if number % 10 == 0 or sys.stdout.isatty():
        print(f"  {number} done: {name}", flush=True)


def _tables(
    java: str,
    master: str,
    size: Size,
    lake_bytes: int,
    run: Run,
    seconds: dict[str, float],
    found: list[MartComparison],
) -> list[Table]:
    facts = [
        ("Spark", run.version),
        ("Java", java),
        ("master", master),
        ("workers", f"{size.workers} with {size.cores} core and {size.memory} each"),
        ("lake, MB", cell(lake_bytes / 1e6)),
        ("seeds, models and tests run", cell(len(run.nodes))),
    ]
    return [
        Table("Measured with", ["what", "value"], facts),
        Table("Time", ["step", "seconds"], list(seconds.items())),
        Table(
            "Every mart on Spark against DuckDB",
            ["mart", "rows on DuckDB", "rows on Spark", "rows differing", "equal", "why not"],
            [
                (
                    *(mart.mart, mart.duckdb_rows, mart.spark_rows, mart.differing),
                    *("yes" if mart.is_equal else "NO", mart.trouble or ", ".join(mart.columns)),
                )
                for mart in found
            ],
        ),
    ]


def _verdict(run: Run, found: Sequence[MartComparison]) -> int:
    if run.troubles:
        print("\nErrors")
        show_list(run.troubles)
    equal = sum(mart.is_equal for mart in found)
    if not run.is_done or not found or equal < len(found):
        print(f"\nFailed: {equal} of {len(found)} marts are equal.")
        return 1
    print("\nThe mart is equal." if equal == 1 else f"\nAll {equal} marts are equal.")
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m spark", description="Every mart on Spark against DuckDB, row for row."
    )
    add = parser.add_argument
    add("--home", type=Path, help="a built installation (default: the demo company, built anew)")
    add("--folder", type=Path, help="working folder, kept afterwards (default: a temporary one)")
    add("--local", action="store_true", help="without a cluster, in one process")
    add("--tests", action="store_true", help="run dbt's data tests on Spark too")
    add("--select", help="only these models, in dbt's syntax, such as +fct_orders (default: all)")
    add("--workers", type=int, default=2, help="default 2")
    add("--cores", type=int, default=1, help="cores of each worker (default 1)")
    add("--memory", default="3g", help="memory of each worker and of the driver (default 3g)")
    add("--executor-memory", default="2g", help="memory of each executor (default 2g)")
    add("--threads", type=int, default=4, help="models at once (default 4)")
    add(
        "--partitions",
        type=int,
        default=SHUFFLE_PARTITIONS,
        help="partitions of shuffles (default 4)",
    )
    add("--write", type=Path, help="write the tables to this Markdown file")
    add("--section", default="spark", help="between the comments with this name (default spark)")
    add("--python", type=Path, default=PYTHON, help="Python with pyspark and dbt-spark")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
