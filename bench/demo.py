"""The demo company: `lifecycle build` beside `dbt build` of the same project on the same warehouse. Belongs
here: the rounds and their tables. Does not belong here: how a command is called (`product.py`) or measured."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from bench import product
from bench.measure import BenchmarkError, Run, run
from bench.report import Claim, Report, runs_table, shares_table
from bench.steps import account, first_moment, read_dbt_times, read_steps
from dagster_project.cli.terminal import Table

RATIO_LIMIT = 2.0
START_LIMIT_SECONDS = 3.0


def measure(home: Path, rounds: int) -> Report:
    """Builds the demo company once, then `rounds` times each: lifecycle build, the dbt build that it runs,
    and dbt build by hand. Raises BenchmarkError when a build fails."""
    environment = product.environment(home, "demo")
    settings = product.settings(environment)
    first = run(product.lifecycle_build(), environment=environment)
    alone, by_hand = product.incremental_dbt(settings), product.dbt_by_hand(settings)
    incremental = product.dbt_variables(settings, is_incremental=True)
    everything = product.dbt_variables(settings, is_incremental=False)
    # Leaves a partial parse for these variables, so that no measured run parses.
    run(alone, environment=incremental, folder=settings.home)
    whole: list[Run] = []
    dbt_alone: list[Run] = []
    with_tests: list[Run] = []
    report = Report()
    for _ in range(rounds):
        whole.append(run(product.lifecycle_build(), environment=environment))
        dbt_alone.append(run(alone, environment=incremental, folder=settings.home))
        if not report.troubles:
            try:
                with_tests.append(run(by_hand, environment=everything, folder=settings.home))
            except BenchmarkError as error:
                report.troubles.append(f"dbt build with unit tests: {error}")
    times = read_dbt_times(settings.dbt_target_folder / "run_results.json")
    _claim(report, whole, dbt_alone, with_tests)
    report.tables += [
        runs_table(
            "Demo company, medians",
            [
                ("lifecycle build, first in a new home", [first]),
                ("lifecycle build, nothing new", whole),
                ("dbt build, incremental", dbt_alone),
                ("dbt build of everything, with unit tests", with_tests),
            ],
        ),
        shares_table("Where lifecycle build's time goes (median round)", _entries(whole)),
        Table(
            "dbt itself",
            ["what", "seconds"],
            [
                ("dbt's own elapsed time, last run", times.elapsed),
                (f"{times.model_count} models, added up", times.model_sum),
                (f"{times.test_count} tests, added up", times.test_sum),
            ],
        ),
    ]
    return report


def _claim(report: Report, whole: list[Run], dbt_alone: list[Run], tested: list[Run]) -> None:
    report.claims += [
        Claim(
            "demo: lifecycle build / dbt build (wall)",
            _ratio(whole, dbt_alone, "wall"),
            RATIO_LIMIT,
        ),
        Claim(
            "demo: the same in CPU time",
            _ratio(whole, dbt_alone, "cpu"),
            RATIO_LIMIT,
            is_judged=False,
        ),
    ]
    if len(tested) == len(whole):
        text = "demo: lifecycle build / dbt build with unit tests (wall)"
        report.claims.append(
            Claim(text, _ratio(whole, tested, "wall"), RATIO_LIMIT, is_judged=False)
        )
    for text, beginning in (
        ("demo: second build prints its first line", ""),
        # Not judged: importing Dagster, dbt and Great Expectations takes longer.
        ("demo: second build starts ingesting", "ingest "),
    ):
        moments = [first_moment(one.lines, beginning) for one in whole]
        seconds = median(moment for moment in moments if moment is not None)
        report.claims.append(
            Claim(text, seconds, START_LIMIT_SECONDS, "s", is_judged=not beginning)
        )


def _ratio(ours: list[Run], theirs: list[Run], what: str) -> float:
    """The median of the ratios of each round, as a round's commands ran under the same load."""
    return median(
        float(getattr(a, what)) / float(getattr(b, what)) for a, b in zip(ours, theirs, strict=True)
    )


def _entries(runs: list[Run]) -> list[tuple[str, float]]:
    middle = sorted(runs, key=lambda one: one.wall)[len(runs) // 2]
    return account(read_steps(middle.lines), middle.wall)
