"""One company size: a full build and nights on top of it, against plain SQL and peers on the same files.
Belongs here: the order of runs, and what they show. Does not belong here: the company (`company/`), the SQL
(`plain/`), the peers (`peers/`), or how a command is watched (`watch.py`)."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench import peers, product, same_marts
from bench.company.generate import CLOSED, generate_history, generate_night
from bench.measure import BenchmarkError, Run, run
from bench.report import Claim, Report, shares_table
from bench.steps import DbtTimes, account, read_dbt_times, read_steps
from bench.watch import Sample, Watch, between
from dagster_project.cli.terminal import Table
from dagster_project.transformation.project import SEEDS_FOLDER

CUSTOMERS = {"S": 10_000, "M": 1_000_000, "L": 5_000_000}
# Seen at once of S and M: the company, scratch space, warehouse, builds that nights keep. L is five times M.
DISK_GB = {"S": 2, "M": 45, "L": 225}
SHARES = (0.01, 0.001, 0.1)
# What plain SQL and the usual way get: neither was made for less, and more memory makes no limit slower.
ALONE = "8GB"
PLAIN = Path(__file__).parent / "plain" / "run_generic.py"
MEGABYTE = 1024**2
FULL_RATIO, NIGHT_RATIO, CHECK_SHARE = 3.0, 0.1, 0.25
MEMORY_LIMIT_GB, OVERHEAD_SECONDS, HELP_SECONDS = 4.0, 15.0, 0.3
# Everything else than these steps is orchestration: interpreters, imports, Dagster's records; and what dbt
# does of its steps outside nodes.
DBT = ("build models", "build value")
WORK = (*DBT, "ingest ", "check ", "fit ", "publish", "report")


@dataclass(frozen=True)
class Watched:
    """A finished command and what all its processes used meanwhile."""

    name: str
    run: Run
    samples: list[Sample]
    disk: int

    def row(self) -> tuple[object, ...]:
        """As a line of the table of commands."""
        whole = between(self.samples, 0, self.run.wall)
        return (self.name, self.run.wall, self.run.cpu, *_megabytes(whole), self.disk // MEGABYTE)


def measure(
    folder: Path, size: str, *, memory: str = "2.4GB", shares: Sequence[float] = SHARES,
    with_peers: bool = True,
) -> Iterator[Report]:  # fmt: skip
    """Everything about one size, as far as it is known: after the full build and after each night, since a size
    takes an hour. The company stays in `folder` for the next time. Raises BenchmarkError when the disk is too
    small, at once, and when a command fails."""
    _check_disk(folder, size)
    company = folder / f"company-{size}"
    landing = company / "landing"
    _make_history(company, landing, CUSTOMERS[size], memory)
    report, commands = Report(), list[Watched]()
    headers = ["entity", "records"]
    history = Table(f"Size {size}, the history", headers, rows_in(landing))
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
    _claim_full(report, size, full, commands[0], times)
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
        _claim_night(report, size, night, full, share)
        if number == 1:
            times = read_dbt_times(*product.build_results(settings), slowest=25)
            _claim_overhead(report, night, times)
            report.tables.append(_steps_table(f"Size {size}, {name}, by step", night))
            report.tables.append(_dbt_table(f"Size {size}, {name}: slowest in dbt", times))
        yield _complete(report, size, commands, history, _nights_table(size, builds))
    if with_peers:  # after the nights: they have the history alone
        _remove_nights(landing)
        done, notes = peers.measure(folder / "peers", landing / "generic", size, ALONE, watched)
        commands += done
        report.troubles += notes
        _compare_usual_way(report, size, folder)
        yield _complete(report, size, commands, history, _nights_table(size, builds))


def _complete(
    report: Report, size: str, commands: Sequence[Watched], history: Table, *more: Table
) -> Report:
    title = f"Size {size}: {CUSTOMERS[size]:,} customers; the same files, one run"
    tables = [commands_table(title, commands), *more, history, *report.tables]
    return Report(list(report.claims), tables, list(report.troubles))


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
    return Table(title, headers, [one.row() for one in commands])


def _check_disk(folder: Path, size: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free // 1024**3
    if free < DISK_GB[size]:
        raise BenchmarkError(
            f"size {size} needs {DISK_GB[size]} GB of free disk, and {folder} has {free}."
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


def _claim_full(report: Report, size: str, full: Watched, plain: Watched, times: DbtTimes) -> None:
    steps = {step.name: step.seconds for step in read_steps(full.run.lines)}
    checks = sum(seconds for name, seconds in steps.items() if name.startswith("check "))
    peak = between(full.samples, 0, full.run.wall).memory / 1024**3
    judged = size != "S"  # a small company's build is mostly start-up
    report.claims += [
        Claim(f"{size}: full build / plain SQL (wall)", full.run.wall / plain.run.wall, FULL_RATIO,
              is_judged=judged),
        Claim(f"{size}: full build / plain SQL (CPU)", full.run.cpu / plain.run.cpu, FULL_RATIO,
              is_judged=False),
        Claim(f"{size}: full build, memory of all processes", peak, MEMORY_LIMIT_GB, "GB"),
        Claim(f"{size}: full build, share of checks (GX and dbt tests)",
              (checks + times.test_sum) / full.run.wall, CHECK_SHARE, "", is_judged=judged),
    ]  # fmt: skip


def _claim_night(report: Report, size: str, night: Watched, full: Watched, share: float) -> None:
    for kind, ratio in (
        ("wall", night.run.wall / full.run.wall),
        ("CPU", night.run.cpu / full.run.cpu),
    ):
        judged = kind == "wall" and size != "S" and share <= 0.01
        text = f"{size}: night, {share:.1%} of customers / full build ({kind})"
        report.claims.append(Claim(text, ratio, NIGHT_RATIO, is_judged=judged))


def _claim_overhead(report: Report, night: Watched, times: DbtTimes) -> None:
    entries = account(read_steps(night.run.lines), night.run.wall)
    overhead = [(name, seconds) for name, seconds in entries if not name.startswith(WORK)]
    in_dbt = sum(seconds for name, seconds in entries if name.startswith(DBT))
    overhead.append(("dbt, before its first node and after its last", in_dbt - times.span))
    asked = [*product.lifecycle_build()[:-1], "--help"]
    shown = min(run(asked).wall for _ in range(3))
    report.claims += [
        Claim("orchestration, a night", sum(s for _, s in overhead), OVERHEAD_SECONDS, "s"),
        Claim("lifecycle --help, best of 3", shown, HELP_SECONDS, "s"),
    ]
    report.tables.append(shares_table("Orchestration, itemised", overhead))


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
    return (name, used.at, used.cpu, *_megabytes(used))


def _megabytes(used: Sample) -> tuple[int, int, int]:
    return used.memory // MEGABYTE, used.read // MEGABYTE, used.written // MEGABYTE


def _dbt_table(title: str, times: DbtTimes) -> Table:
    rows = [
        (f"{times.model_count} models, added up", times.model_sum),
        (f"{times.test_count} tests, added up", times.test_sum),
        *((f"  {name}", seconds) for name, seconds in times.slowest),
    ]
    return Table(title, ["what", "seconds"], rows)


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def rows_in(landing: Path) -> list[tuple[object, ...]]:
    """How many records the files of each entity hold."""
    try:
        return [
            (folder.name, duckdb.sql(f"select count(*) from '{folder}/*.parquet'").fetchall()[0][0])
            for folder in sorted((landing / "generic").iterdir())
        ]
    except duckdb.Error as error:
        raise BenchmarkError(f"The generated files cannot be read: {error}") from error
