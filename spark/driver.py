"""The program that runs on the cluster: a lake becomes tables, the dbt models run with `--target spark`, and
every mart is written as Parquet. Belongs here: the Spark session and dbt in it. Does not belong here: anything
that needs Dagster or Great Expectations. It runs in an environment of `requirements-spark.lock`, also by hand:
`python spark/driver.py LAKE --marts FOLDER [--conf spark.master=spark://host:7077 …]`."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import threading
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
DBT_FOLDER = PROJECT / "dbt"
PHONE_NUMBERS = PROJECT / "dagster_project" / "transformation" / "udf" / "phone_numbers.py"
LAKE_FILE = "lake.json"
REGISTRY = "forecast.lifetime_value_models"
ON_FORECAST = "source:forecast+"  # dbt's selector of everything that reads the schema `forecast`
# Settings that equal results need. Others (master, memory, catalog, storage) belong to the cluster.
NEEDED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0 when every model ran and every mart was written. Emits its progress as JSON
    Lines."""
    chosen = _parse(arguments)
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("customer-lifecycle")
    for name, value in {**dict(part.split("=", 1) for part in chosen.conf), **NEEDED}.items():
        builder = builder.config(name, value)
    with _timed("session"):
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
    _emit(session={"version": session.version, "master": session.sparkContext.master})
    built: list[str] | None = None
    try:
        about = session.read.text(f"{chosen.lake}/{LAKE_FILE}", wholetext=True).collect()[0][0]
        lake = json.loads(about)
        as_of = chosen.as_of or lake["as_of"]
        if not as_of:
            print("The lake has no date of a finished build: give --as-of DATE.", file=sys.stderr)
            return 2
        add_functions(session)
        with _timed("tables"):
            register(session, chosen.lake, needed(lake["tables"], bool(chosen.select)))
        built = build_all(session, chosen, as_of, lake)
        if built is not None and chosen.marts:
            with _timed("marts"):
                write_marts(session, built, chosen.marts)
    finally:
        session.stop()
    return 1 if built is None else 0


def build_all(
    session: Any, chosen: argparse.Namespace, as_of: str, lake: dict[str, Any]
) -> list[str] | None:
    """Builds the models before the forecast, computes the forecast, and builds the models after it. With
    --select, builds only the selected models, with the lake's forecast. Returns the marts that were built;
    None when something failed."""
    if chosen.select:
        with _timed("models"):
            return build(chosen, as_of, lake, ["--select", chosen.select])
    with _timed("models"):
        before = build(chosen, as_of, lake, ["--exclude", ON_FORECAST])
    if before is None:
        return None
    with _timed("forecast"):
        # Imported only here, as numpy and scipy take a second to import.
        sys.path.insert(0, str(PROJECT))
        importlib.import_module("spark.forecasting").forecast_on(session, date.fromisoformat(as_of))
    with _timed("models on forecasts"):
        after = build(chosen, as_of, lake, ["--select", ON_FORECAST])
    return None if after is None else sorted({*before, *after})


def add_functions(session: Any) -> None:
    """Registers with this session the functions that a plugin gives DuckDB
    (`dagster_project/transformation/udf/functions.py`). Their file goes to the workers, whose Python has
    phonenumbers."""
    session.sparkContext.addPyFile(str(PHONE_NUMBERS))
    module = importlib.import_module(PHONE_NUMBERS.stem)
    session.udf.register("e164", module.e164, "string")


def needed(tables: Iterable[str], is_part: bool) -> list[str]:
    """The tables of the lake that the models need. Part of the models needs all; all models need, of the
    lake's forecast, only the registry of fits."""
    return [one for one in tables if is_part or one == REGISTRY or "forecast." not in one]


def register(session: Any, lake: str, tables: Iterable[str]) -> None:
    """Creates an external table for every folder of the lake, with the names of dbt's sources."""
    for table in sorted(tables):
        schema, name = table.split(".")
        if schema == "forecast" and session.catalog.tableExists(table):
            continue  # exists from an earlier run on this cluster
        session.sql(f"create database if not exists `{schema}`")
        session.sql(f"drop table if exists `{schema}`.`{name}`")
        session.sql(
            f"create table `{schema}`.`{name}` using parquet location '{lake}/{schema}/{name}'"
        )


def build(
    chosen: argparse.Namespace, as_of: str, lake: dict[str, Any], part: list[str]
) -> list[str] | None:
    """Runs the seeds and models of a part (and data tests, when asked) in this process, so that dbt uses this
    session. Returns the marts among them; None when something failed."""
    from dbt.cli.main import dbtRunner

    os.environ.update(
        DBT_AS_OF=as_of,
        DBT_LAST_LOAD="",
        DBT_LAST_AS_OF="",
        DBT_KNOWN_AT="",
        DBT_SPARK_THREADS=str(chosen.threads),
        DBT_PROFILES_DIR=str(DBT_FOLDER),
        DBT_TARGET_PATH=str(chosen.target),
        DBT_LOG_PATH=str(chosen.target / "logs"),
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
        DO_NOT_TRACK="1",
    )
    left_out = ["unit_test"] if chosen.tests else ["unit_test", "test"]
    outcome = dbtRunner(callbacks=[_on_event]).invoke(
        [
            *("--quiet", "--no-use-colors", "build", "--target", "spark", "--full-refresh"),
            *("--project-dir", str(DBT_FOLDER), "--vars", json.dumps(lake["variables"])),
            *(flag for kind in left_out for flag in ("--exclude-resource-type", kind)),
            *part,
        ]
    )
    if outcome.exception is not None:
        print(outcome.exception, file=sys.stderr)
    return marts(chosen.target) if outcome.success else None


def marts(target: Path) -> list[str]:
    """Every mart that dbt's last command selected, as schema.name."""
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    results = json.loads((target / "run_results.json").read_text())["results"]
    built = [nodes[result["unique_id"]] for result in results if result["unique_id"] in nodes]
    return sorted(
        f"{node['schema']}.{node['alias']}"
        for node in built
        if node["resource_type"] == "model" and "marts" in node["fqn"]
    )


def write_marts(session: Any, names: list[str], folder: str) -> None:
    """Writes each mart as `<folder>/<schema>.<name>/`, a folder of Parquet files."""
    for name in names:
        session.table(name).write.mode("overwrite").parquet(f"{folder}/{name}")


def _on_event(event: Any) -> None:
    if event.info.name == "NodeFinished":
        node, result = event.data.node_info, event.data.run_result
        words = "" if node.resource_type == "test" else result.message
        _emit(
            node=node.unique_id,
            status=node.node_status,
            seconds=round(result.execution_time, 2),
            words=words if node.node_status in ("error", "fail") else "",
        )


class _timed:  # noqa: N801 - reads as a statement
    def __init__(self, step: str) -> None:
        self.step = step

    def __enter__(self) -> None:
        self.started = time.monotonic()

    def __exit__(self, *_: object) -> None:
        _emit(step=self.step, seconds=round(time.monotonic() - self.started, 1))


_output_lock = threading.Lock()


def _emit(**facts: object) -> None:
    """Writes one whole line at a time, as dbt reports several models at once."""
    with _output_lock:
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The dbt models on Spark, from a lake.")
    parser.add_argument(
        "lake", type=_place, help="a lake of `lifecycle export --lake`: a folder, or its address"
    )
    parser.add_argument("--marts", type=_place, help="write every mart here as Parquet")
    parser.add_argument("--target", type=Path, default=Path("target-spark"))
    parser.add_argument("--as-of", help="UTC date, exclusive (default: the lake's)")
    parser.add_argument("--threads", type=int, default=4, help="models at once (default 4)")
    parser.add_argument("--tests", action="store_true", help="run dbt's data tests too")
    parser.add_argument("--select", help="only these models, in dbt's syntax")
    parser.add_argument("--conf", action="append", default=[], metavar="NAME=VALUE")
    chosen = parser.parse_args(arguments)
    chosen.target = chosen.target.resolve()
    return chosen


def _place(text: str) -> str:
    """An address such as s3a://bucket/lake unchanged; a folder as an absolute path, for every worker."""
    return text.rstrip("/") if "://" in text else str(Path(text).resolve())


if __name__ == "__main__":
    sys.exit(main())
