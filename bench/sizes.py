"""One company size: the baseline, a full build, incremental runs and peers on the same files. Belongs here:
the order of runs. Does not belong here: the company (`company/`), the baseline (`baseline/`), the peers
(`peers/`), the claims (`claims.py`), or the columns of tables (`size_tables.py`)."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from bench import claims, peers, product, same_marts
from bench.baseline import NAME, SCRIPT
from bench.company.generate import CLOSED, generate_history, generate_increment, remove_increments
from bench.measure import BenchmarkError, run
from bench.report import Report
from bench.size_tables import builds_table, commands_table, dbt_table, steps_table
from bench.steps import read_dbt_times
from bench.watch import Watch, Watched
from dagster_project.cli.terminal import Table
from dagster_project.transformation.project import SEEDS_FOLDER

CUSTOMERS = {"S": 10_000, "M": 1_000_000, "2M": 2_000_000, "L": 5_000_000}
# The company, scratch space, warehouse and served builds: measured at S and M, computed from M for others.
DISK_GB = {"S": 2, "M": 45, "2M": 90, "L": 225}
# The share of it that a full build needs alone; incremental runs keep earlier served builds.
FULL_BUILD_ALONE = 0.75
SHARES = (0.01, 0.001, 0.1)
# What the baseline and the peers get: they run out of less, and more makes none of them slower.
OTHERS_MEMORY = "8GB"


def measure(
    folder: Path, size: str, *, memory: str = "2.4GB", shares: Sequence[float] = SHARES,
    with_peers: bool = True, built: dict[str, claims.Built] | None = None,
) -> Iterator[Report]:  # fmt: skip
    """The report of one size so far: after the full build and after each incremental run, as a size takes
    an hour.

    Args:
        folder: keeps the company for the next time.
        memory: DuckDB's limit in builds of the product.
        shares: of customers with changes, one incremental run each.
        built: full builds of smaller sizes, to compare with; this size's is added.

    Raises:
        BenchmarkError: at once when the disk is too small, and when a command fails.
    """
    check_disk(folder, size, shares)
    company = folder / f"company-{size}"
    landing = company / "landing"
    _make_history(company, landing, CUSTOMERS[size], memory)
    report, commands = Report(), list[Watched]()
    delivered = rows_in(landing)
    history = Table(f"Size {size}, the history", ["entity", "records"], delivered)
    commands.append(watch_baseline(folder / "baseline", landing / "generic", OTHERS_MEMORY))
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    values = {
        **product.environment(home, "generic"),
        "LIFECYCLE_LANDING": str(landing),
        "LIFECYCLE_MEMORY_LIMIT": memory,
    }
    settings = product.settings(values)
    full = watched("lifecycle build, full", product.lifecycle_build(), home, values)
    commands.append(full)
    _compare_marts(report, size, settings.served_folder, folder / "baseline")
    times = read_dbt_times(*product.build_results(settings), slowest=10)
    claims.of_full_build(report, size, full, commands[0], times)
    if built is not None:
        built[size] = claims.Built(sum(records for _, records in delivered), full)
        claims.of_growth(report, size, built)
    report.tables.append(steps_table(f"Size {size}, full build by step", full))
    report.tables.append(dbt_table(f"Size {size}, full build: slowest in dbt", times))
    yield _complete(report, size, commands, history)
    builds = {"full": full}
    for number, share in enumerate(shares, start=1):
        generate_increment(company, landing, CUSTOMERS[size], share, number)
        name = f"lifecycle build, {share:.1%} of customers affected"
        incremental = watched(name, product.lifecycle_build(), home, values)
        commands.append(incremental)
        builds[f"{share:.1%}"] = incremental
        claims.of_incremental_run(report, size, incremental, full, share)
        if number == 1:
            times = read_dbt_times(*product.build_results(settings), slowest=10)
            claims.of_overhead(report, incremental, times)
            report.tables.append(steps_table(f"Size {size}, {name}, by step", incremental))
            report.tables.append(dbt_table(f"Size {size}, {name}: slowest in dbt", times))
        yield _complete(report, size, commands, history, _builds_table(size, builds))
    if with_peers:  # last, as they read the history alone
        remove_increments(landing)
        done, notes = peers.measure(
            folder / "peers", landing / "generic", size, OTHERS_MEMORY, watched
        )
        commands += done
        report.notes += notes
        if shares:
            claims.of_peers(report, size, builds, done)
        _compare_usual_way(report, size, folder)
        yield _complete(report, size, commands, history, _builds_table(size, builds))


def watched(name: str, command: list[str], folder: Path, values: dict[str, str] | None) -> Watched:
    """Runs a command, samples what its processes use, and prints its time. `folder` is what it writes into."""
    watch = Watch()
    finished = run(command, environment=values, on_start=watch.start)
    print(f"  {name}: {finished.wall:.0f} s, {finished.cpu:.0f} CPU s", flush=True)
    return Watched(name, finished, watch.stop(), _bytes_in(folder))


def watch_baseline(folder: Path, source: Path, memory: str) -> Watched:
    """The baseline in one new process, from the same files to the same marts."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = [str(folder), str(source), str(SEEDS_FOLDER)]
    options = ["--as-of", CLOSED.isoformat(), "--memory", memory]
    command = [sys.executable, str(SCRIPT), "generic", *files, *options]
    return watched(NAME, command, folder, None)


def check_disk(folder: Path, size: str, shares: Sequence[float] = SHARES) -> None:
    """Raises BenchmarkError when a size does not fit the disk; what the folder holds will be written anew."""
    folder.mkdir(parents=True, exist_ok=True)
    free = (shutil.disk_usage(folder).free + _bytes_in(folder)) // 1024**3
    needed = round(DISK_GB[size] * (1 if shares else FULL_BUILD_ALONE))
    if free < needed:
        raise BenchmarkError(
            f"size {size} needs {needed} GB of free disk, and {folder} has {free}."
            " Free some, or name a --folder elsewhere."
        )


def rows_in(landing: Path) -> list[tuple[str, int]]:
    """How many records the files of each entity hold."""
    try:
        return [
            (folder.name, duckdb.sql(f"select count(*) from '{folder}/*.parquet'").fetchall()[0][0])
            for folder in sorted((landing / "generic").iterdir())
        ]
    except duckdb.Error as error:
        raise BenchmarkError(f"The generated files cannot be read: {error}") from error


def _complete(
    report: Report, size: str, commands: Sequence[Watched], history: Table, *more: Table
) -> Report:
    title = f"Size {size}: {CUSTOMERS[size]:,} customers; the same files, one run"
    tables = [commands_table(title, commands), *more, history, *report.tables]
    return Report(list(report.claims), tables, list(report.troubles), list(report.notes))


def _builds_table(size: str, builds: dict[str, Watched]) -> Table:
    return builds_table(f"Size {size}, steps by share of customers affected", builds)


def _make_history(company: Path, landing: Path, customers: int, memory: str) -> None:
    done = company / "history.done"
    if not done.exists():
        shutil.rmtree(company, ignore_errors=True)
        generate_history(company, landing, customers, memory)
        done.write_text(str(customers))
    remove_increments(landing)


def _compare_marts(report: Report, size: str, served: Path, baseline: Path) -> None:
    """The comparison is fair only if the baseline writes what is served."""
    table, troubles = same_marts.compare(served / "lifecycle.duckdb", baseline / "marts.duckdb")
    report.tables.append(Table(f"Size {size}, {table.title}", table.headers, table.rows))
    report.troubles += [f"{size}: {trouble}" for trouble in troubles]


def _compare_usual_way(report: Report, size: str, folder: Path) -> None:
    """This peer runs the baseline's SQL, so its marts must be the same."""
    usual = folder / "peers" / peers.WAREHOUSE
    if usual.exists():
        _, troubles = same_marts.compare(folder / "baseline" / "marts.duckdb", usual)
        report.troubles += [f"{size}, the usual way: {trouble}" for trouble in troubles]


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
