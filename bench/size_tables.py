"""Tables of one company size. Belongs here: their columns and rows. Does not belong here: the runs
(`sizes.py`), or how a table is printed or written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.report import MEGABYTE
from bench.steps import DbtTimes, account, read_steps
from bench.watch import Sample, Watched, between
from dagster_project.cli.terminal import Table

SHORTEST_GAP = 0.05


def commands_table(title: str, commands: Sequence[Watched]) -> Table:
    """One row per command."""
    headers = ["command", "wall s", "CPU s", "peak MB", "read MB", "written MB", "on disk MB"]
    rows = [
        (one.name, one.run.wall, one.run.cpu, *one.whole().megabytes(), one.disk // MEGABYTE)
        for one in commands
    ]
    return Table(title, headers, rows)


def steps_table(title: str, one: Watched) -> Table:
    """One row per step of a build, then what was used between steps and after the last one."""
    rows: list[tuple[object, ...]] = []
    gaps: list[Sample] = []
    reached = 0.0
    for step in read_steps(one.run.lines):
        if step.begin > reached + SHORTEST_GAP:
            gaps.append(between(one.samples, reached, step.begin))
        rows.append(_row(step.name, between(one.samples, step.begin, step.end)))
        reached = max(reached, step.end)
    rows.append(_row("between steps", _together(gaps)))
    rows.append(_row("end of the run, exit", between(one.samples, reached, one.run.wall)))
    return Table(title, ["step", "wall s", "CPU s", "peak MB", "read MB", "written MB"], rows)


def builds_table(title: str, builds: Mapping[str, Watched]) -> Table:
    """Seconds of each step: a column for the full build and for each incremental run."""
    columns = [dict(account(read_steps(one.run.lines), one.run.wall)) for one in builds.values()]
    names = dict.fromkeys(name for column in columns for name in column)
    rows = [(name, *(column.get(name, 0.0) for column in columns)) for name in names]
    return Table(title, ["step, wall s", *builds], rows)


def dbt_table(title: str, times: DbtTimes) -> Table:
    """Sums over models and over tests, then the slowest models."""
    rows = [
        (f"{times.model_count} models, added up", times.model_sum),
        (f"{times.test_count} tests, added up", times.test_sum),
        *((f"  {name}", seconds) for name, seconds in times.slowest),
    ]
    return Table(title, ["what", "seconds"], rows)


def _row(name: str, used: Sample) -> tuple[object, ...]:
    return (name, used.at, used.cpu, *used.megabytes())


def _together(gaps: Sequence[Sample]) -> Sample:
    return Sample(
        sum(one.at for one in gaps),
        sum(one.cpu for one in gaps),
        max((one.memory for one in gaps), default=0),
        sum(one.read for one in gaps),
        sum(one.written for one in gaps),
    )
