"""One company size: a full build and nights on top of it, against plain SQL and peers on the same files.
Belongs here: the order of runs, and their tables. Does not belong here: the company (`company/`), the SQL
(`plain/`), the peers (`peers/`), what is promised (`claims.py`), or how a command is watched (`watch.py`)."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from bench import claims, peers, product, same_marts
from bench.company.generate import CLOSED, generate_history, generate_night
from bench.measure import BenchmarkError, run
from bench.report import MEGABYTE, Report
from bench.steps import DbtTimes, account, read_dbt_times, read_steps
from bench.watch import Watch, Watched, between
from dagster_project.cli.terminal import Table
from dagster_project.transformation.project import SEEDS_FOLDER

CUSTOMERS = {"S": 10_000, "M": 1_000_000, "2M": 2_000_000, "L": 5_000_000}
# Seen at once of S and M: the company, scratch space, warehouse, builds that nights keep. Others follow from M.
DISK_GB = {"S": 2, "M": 45, "2M": 90, "L": 225}
# Of that, what a full build takes alone: nights keep earlier served builds.
FULL_BUILD_ALONE = 0.75
SHARES = (0.01, 0.001, 0.1)
# What plain SQL and the usual way get: neither was made for less, and more memory makes no limit slower.
ALONE = "8GB"
PLAIN = Path(__file__).parent / "plain" / "run_generic.py"


def measure(
    folder: Path, size: str, *, memory: str = "2.4GB", shares: Sequence[float] = SHARES,
    with_peers: bool = True, built: dict[str, claims.Built] | None = None,
) -> Iterator[Report]:  # fmt: skip
    """Everything about one size, as far as it is known: after the full build and after each night, since a size
    takes an hour. The company stays in `folder` for the next time. `built` takes this size's full build, to be
    compared with those of other sizes. Raises BenchmarkError when the disk is too small, at once, and when a
    command fails."""
    check_disk(folder, size, shares)
    company = folder / f"company-{size}"
    landing = company / "landing"
    _make_history(company, landing, CUSTOMERS[size], memory)
    report, commands = Report(), list[Watched]()
    headers = ["entity", "records"]
    delivered = rows_in(landing)
    history = Table(f"Size {size}, the history", headers, delivered)
    commands.append(watch_plain(folder / "plain", landing / "generic", ALONE))
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    values = {
        **product.environment(home, "generic"),
        "LIFECYCLE_LANDING": str(landing),
        "LIFECYCLE_MEMORY_LIMIT": memory,
    }
    settings = product.settings(values)
    full = watched("lifecycle build, all of it", product.lifecycle_build(), home, values)
    commands.append(full)
    _compare_marts(report, size, settings.served_folder, folder / "plain")
    times = read_dbt_times(*product.build_results(settings), slowest=25)
    claims.of_full_build(report, size, full, commands[0], times)
    if built is not None:
        built[size] = claims.Built(sum(records for _, records in delivered), full)
        claims.of_growth(report, size, built)
    report.tables.append(_steps_table(f"Size {size}, full build by step", full))
    report.tables.append(_dbt_table(f"Size {size}, full build: slowest in dbt", times))
    yield _complete(report, size, commands, history)
    builds = {"full": full}
    for number, share in enumerate(shares, start=1):
        generate_night(company, landing, CUSTOMERS[size], share, number)
        name = f"lifecycle build, {share:.1%} of customers touched"
        night = watched(name, product.lifecycle_build(), home, values)
        commands.append(night)
        builds[f"{share:.1%}"] = night
        claims.of_night(report, size, night, full, share)
        if number == 1:
            times = read_dbt_times(*product.build_results(settings), slowest=25)
            claims.of_overhead(report, night, times)
            report.tables.append(_steps_table(f"Size {size}, {name}, by step", night))
            report.tables.append(_dbt_table(f"Size {size}, {name}: slowest in dbt", times))
        yield _complete(report, size, commands, history, _nights_table(size, builds))
    if with_peers:  # after the nights: they have the history alone
        _remove_nights(landing)
        done, notes = peers.measure(folder / "peers", landing / "generic", size, ALONE, watched)
        commands += done
        report.notes += notes
        if shares:
            claims.of_peers(report, size, builds, done)
        _compare_usual_way(report, size, folder)
        yield _complete(report, size, commands, history, _nights_table(size, builds))


def _complete(
    report: Report, size: str, commands: Sequence[Watched], history: Table, *more: Table
) -> Report:
    title = f"Size {size}: {CUSTOMERS[size]:,} customers; the same files, one run"
    tables = [commands_table(title, commands), *more, history, *report.tables]
    return Report(list(report.claims), tables, list(report.troubles), list(report.notes))


def watched(name: str, command: list[str], folder: Path, values: dict[str, str] | None) -> Watched:
    """Runs a command under watch and says so, as a size takes an hour; `folder` is what it writes into."""
    watch = Watch()
    finished = run(command, environment=values, on_start=watch.start)
    print(f"  {name}: {finished.wall:.0f} s, {finished.cpu:.0f} CPU s", flush=True)
    return Watched(name, finished, watch.stop(), _bytes_in(folder))


def watch_plain(folder: Path, source: Path, memory: str) -> Watched:
    """The limit: plain SQL in one new process, from the same files to the same tables."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    arguments = [str(folder), str(source), str(SEEDS_FOLDER), CLOSED.isoformat(), memory]
    return watched("plain SQL, the limit", [sys.executable, str(PLAIN), *arguments], folder, None)


def commands_table(title: str, commands: Sequence[Watched]) -> Table:
    """One row per command."""
    headers = ["command", "wall s", "CPU s", "peak MB", "read MB", "written MB", "on disk MB"]
    rows = [
        (one.name, one.run.wall, one.run.cpu, *one.whole().megabytes(), one.disk // MEGABYTE)
        for one in commands
    ]
    return Table(title, headers, rows)


def check_disk(folder: Path, size: str, shares: Sequence[float] = SHARES) -> None:
    """Raises BenchmarkError when a size cannot be measured in a folder; what is there already is made anew."""
    folder.mkdir(parents=True, exist_ok=True)
    free = (shutil.disk_usage(folder).free + _bytes_in(folder)) // 1024**3
    needed = round(DISK_GB[size] * (1 if shares else FULL_BUILD_ALONE))
    if free < needed:
        raise BenchmarkError(
            f"size {size} needs {needed} GB of free disk, and {folder} has {free}."
            " Free some, or name a --folder elsewhere."
        )


def _make_history(company: Path, landing: Path, customers: int, memory: str) -> None:
    done = company / "history.done"
    if not done.exists():
        shutil.rmtree(company, ignore_errors=True)
        generate_history(company, landing, customers, memory)
        done.write_text(str(customers))
    _remove_nights(landing)


def _remove_nights(landing: Path) -> None:
    for night in landing.glob("generic/*/night-*.parquet"):
        night.unlink()


def _compare_marts(report: Report, size: str, served: Path, plain: Path) -> None:
    """The limit is one only if it writes what is served."""
    table, troubles = same_marts.compare(served / "lifecycle.duckdb", plain / "marts.duckdb")
    report.tables.append(Table(f"Size {size}, {table.title}", table.headers, table.rows))
    report.troubles += [f"{size}: {trouble}" for trouble in troubles]


def _compare_usual_way(report: Report, size: str, folder: Path) -> None:
    """It is made of the plain SQL, so that its marts must be the same."""
    usual = folder / "peers" / peers.WAREHOUSE
    if usual.exists():
        _, troubles = same_marts.compare(folder / "plain" / "marts.duckdb", usual)
        report.troubles += [f"{size}, the usual way: {trouble}" for trouble in troubles]


def _steps_table(title: str, one: Watched) -> Table:
    rows: list[tuple[object, ...]] = []
    reached = 0.0
    for step in read_steps(one.run.lines):
        if step.begin > reached + 0.05:
            rows.append(_step_row("  between steps", one, reached, step.begin))
        rows.append(_step_row(step.name, one, step.begin, step.end))
        reached = max(reached, step.end)
    rows.append(_step_row("end of the run, exit", one, reached, one.run.wall))
    return Table(title, ["step", "wall s", "CPU s", "peak MB", "read MB", "written MB"], rows)


def _nights_table(size: str, builds: dict[str, Watched]) -> Table:
    """Seconds of each step: of the full build, and of the nights, by the share of customers they touch."""
    columns = [dict(account(read_steps(one.run.lines), one.run.wall)) for one in builds.values()]
    names = dict.fromkeys(name for column in columns for name in column)
    rows = [(name, *(column.get(name, 0.0) for column in columns)) for name in names]
    return Table(f"Size {size}, steps of the nights", ["step, wall s", *builds], rows)


def _step_row(name: str, one: Watched, begin: float, end: float) -> tuple[object, ...]:
    used = between(one.samples, begin, end)
    return (name, used.at, used.cpu, *used.megabytes())


def _dbt_table(title: str, times: DbtTimes) -> Table:
    rows = [
        (f"{times.model_count} models, added up", times.model_sum),
        (f"{times.test_count} tests, added up", times.test_sum),
        *((f"  {name}", seconds) for name, seconds in times.slowest),
    ]
    return Table(title, ["what", "seconds"], rows)


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def rows_in(landing: Path) -> list[tuple[str, int]]:
    """How many records the files of each entity hold."""
    try:
        return [
            (folder.name, duckdb.sql(f"select count(*) from '{folder}/*.parquet'").fetchall()[0][0])
            for folder in sorted((landing / "generic").iterdir())
        ]
    except duckdb.Error as error:
        raise BenchmarkError(f"The generated files cannot be read: {error}") from error
