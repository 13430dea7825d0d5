"""A publishing process is killed (SIGKILL) at every step it reports, and at random instants, while another
process reads in a loop. The reader must only see whole builds, with DuckDB and Parquet of the same build. It
must never meet an error, except that a Parquet file read through the fixed link may vanish between finding
and reading it. The next publication must leave no orphan."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from dagster_project.publication import layout, served

PUBLISHER = """
import os, signal, sys
from datetime import date, datetime
from pathlib import Path
from dagster_project.publication.publish import publish
from dagster_project.publication.report_types import BuildInfo

home, number, kill_at = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
instants = []
def on_step(name):
    if len(instants) == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)
    instants.append(name)
    print(name, flush=True)
now = datetime(2025, 1, 1)
publish(home / f"warehouse_{number % 2}.duckdb", home / "served", comments={}, keep=2, threads=1,
        build=BuildInfo(f"build-{number}", date(2025, 1, int(sys.argv[4])), now, now, "test"),
        on_step=on_step)
"""

READER = """
import json, os, sys
from pathlib import Path
import duckdb

served, stop = Path(sys.argv[1]), Path(sys.argv[2])
tables = ("core.dim_customers", "lifecycle.customers_in_lost", "value.fct_customer_rfm")
wrong, builds, rounds = [], set(), 0
def rows(connection, source):
    return set(connection.execute(
        f"select build_number, count(*) from {source} group by all").fetchall())
def is_whole(seen):
    return len(seen) == 1 and all(count == 5000 + number for number, count in seen)
def look(database, parquet, label, with_parquet):
    with duckdb.connect(str(database), read_only=True) as connection:
        seen = set()
        for table in tables:
            seen |= rows(connection, table)
            if with_parquet:
                name = table.split(".")[1]
                seen |= rows(connection, f"'{parquet}/{name}/*.parquet'")
        info = connection.execute("select build_id from meta.build_info").fetchall()
    if not is_whole(seen) or len(info) != 1:
        wrong.append(f"{label}: {seen} {info}")
    return info[0][0]
print("ready", flush=True)
while not stop.exists():
    try:
        builds.add(look(served / "lifecycle.duckdb", "", "duckdb", False))
        folder = served / os.readlink(served / "current")
        builds.add(look(folder / "warehouse_served.duckdb", folder / "parquet", "both", True))
        for table in tables:  # through the fixed link: whole, of either build, or gone
            try:
                seen = rows(duckdb, f"'{served}/parquet/{table.split('.')[1]}/*.parquet'")
            except duckdb.IOException as error:
                if not any(gone in str(error) for gone in ("No such file", "No files found")):
                    raise
            else:
                if not is_whole(seen):
                    wrong.append(f"parquet: {seen}")
    except (duckdb.Error, OSError) as error:
        wrong.append(repr(error))
    rounds += 1
print(json.dumps({"wrong": wrong, "builds": sorted(builds), "rounds": rounds}))
"""


def make_warehouses(home: Path) -> None:
    """Two warehouses that differ in every row and in every row count."""
    for number in (0, 1):
        with duckdb.connect(str(home / f"warehouse_{number}.duckdb")) as connection:
            for schema, table in (
                ("core", "dim_customers"),
                ("lifecycle", "customers_in_lost"),
                ("value", "fct_customer_rfm"),
            ):
                connection.execute(f"create schema {schema}")
                connection.execute(
                    f"create table {schema}.{table} as "
                    f"select {number} as build_number from range({5000 + number})"
                )


def run(home: Path, number: int, kill_at: int = -1, day: int = 9) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, str(home), str(number), str(kill_at), str(day)],
        stdout=subprocess.PIPE,
        text=True,
    )


def publish_whole(home: Path, number: int) -> tuple[list[str], float]:
    """Publishes undisturbed; the instants reported and the seconds it took."""
    start = time.perf_counter()
    process = run(home, number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return output.split("\n")[:-1], time.perf_counter() - start


@contextmanager
def reader(home: Path) -> Iterator[dict[str, object]]:
    """A process that reads in a loop; what it found is in the dictionary afterwards."""
    stop = home / "stop"
    process = subprocess.Popen(
        [sys.executable, "-c", READER, str(home / "served"), str(stop)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    found: dict[str, object] = {}
    try:
        yield found
    finally:
        stop.touch()
        output, _ = process.communicate(timeout=30)
        stop.unlink()
    found.update(json.loads(output))


def assert_tidy(home: Path, number: int) -> None:
    """A publication after the crashes leaves exactly whole, recorded builds."""
    publish_whole(home, number)
    folder = home / "served"
    builds = served.served_builds(folder)
    assert builds[0].build_id == f"build-{number}" and builds[0].is_current
    assert {path.name for path in (folder / "builds").iterdir()} == {
        build.folder.name for build in builds
    }
    assert len(builds) <= 3
    assert list(folder.rglob(f"{layout.UNFINISHED}*")) == []


def test_killed_at_every_instant(tmp_path: Path) -> None:
    make_warehouses(tmp_path)
    instants, _ = publish_whole(tmp_path, 1)
    switch = instants.index("switched")
    current, number = "build-1", 1
    with reader(tmp_path) as found:
        for kill_at in range(len(instants)):
            number += 1
            process = run(tmp_path, number, kill_at)
            process.communicate(timeout=60)
            assert process.returncode == -signal.SIGKILL
            current = f"build-{number}" if kill_at >= switch else current
            now = next(b for b in served.served_builds(tmp_path / "served") if b.is_current)
            assert now.build_id == current, instants[kill_at]
    assert found["wrong"] == []
    assert isinstance(found["rounds"], int) and found["rounds"] > 10
    assert isinstance(found["builds"], list) and len(found["builds"]) > 1
    assert_tidy(tmp_path, number + 1)


def test_killed_at_every_instant_of_a_build_beside(tmp_path: Path) -> None:
    """Readers of the current build see nothing of it, and those of the date the old one or the new one."""
    make_warehouses(tmp_path)
    instants, _ = publish_whole(tmp_path, 1)
    run(tmp_path, 2, day=3).communicate(timeout=60)
    switch = instants.index("switched")
    beside, number, folder = "build-2", 2, tmp_path / "served"
    for kill_at in range(len(instants)):
        number += 1
        run(tmp_path, number, kill_at, day=3).communicate(timeout=60)
        beside = f"build-{number}" if kill_at >= switch else beside
        dated = folder / "as_of" / "2025-01-03" / "lifecycle.duckdb"
        for file, expected in ((folder / "lifecycle.duckdb", "build-1"), (dated, beside)):
            with duckdb.connect(str(file), read_only=True) as connection:
                found = connection.execute("select build_id from meta.build_info").fetchall()
            assert found == [(expected,)], instants[kill_at]
    publish_whole(tmp_path, number + 1)
    kept = served.served_builds(folder)
    assert [build.build_id for build in kept] == [f"build-{number + 1}", "build-1", beside]
    assert {path.name for path in (folder / "builds").iterdir()} == {b.folder.name for b in kept}
    assert list(folder.rglob(f"{layout.UNFINISHED}*")) == []


@pytest.mark.parametrize("kills", [8, pytest.param(150, marks=pytest.mark.slow)])
def test_killed_at_random(tmp_path: Path, kills: int) -> None:
    make_warehouses(tmp_path)
    _, seconds = publish_whole(tmp_path, 1)
    chance = random.Random(kills)
    with reader(tmp_path) as found:
        for number in range(2, 2 + kills):
            process = run(tmp_path, number)
            time.sleep(chance.uniform(0.3, 1.1) * seconds)
            process.kill()
            process.communicate(timeout=60)
    assert found["wrong"] == []
    assert_tidy(tmp_path, 2 + kills)


def test_full_disk_leaves_the_served_build(tmp_path: Path) -> None:
    """The kernel refuses to let any file grow past a few kilobytes, as a full disk would."""
    make_warehouses(tmp_path)
    publish_whole(tmp_path, 1)
    limited = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000))\n"
    process = subprocess.run(
        [sys.executable, "-c", limited + PUBLISHER, str(tmp_path), "2", "-1", "9"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 1
    assert "no space left" in process.stderr.splitlines()[-3]
    assert [path.name for path in (tmp_path / "served" / "builds").iterdir()] == ["build-1"]
    assert_tidy(tmp_path, 3)
