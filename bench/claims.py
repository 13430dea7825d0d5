"""The claims about a size. Belongs here: each claim with its bound, and how it is computed. Does not belong
here: the runs (`sizes.py`), or how claims are shown (`report.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench import product
from bench.measure import run
from bench.report import Claim, Report, shares_table
from bench.steps import DbtTimes, account, read_steps
from bench.watch import Watched

FULL_RATIO, INCREMENTAL_RATIO, CHECK_SHARE = 3.0, 0.1, 0.25
MEMORY_LIMIT_GB, OVERHEAD_SECONDS, HELP_SECONDS = 4.0, 15.0, 0.3
# What is not one of these steps is orchestration: interpreters, imports, Dagster's records. So is what dbt does
# before its first node and after its last.
DBT = ("build models", "build value")
WORK = (*DBT, "ingest ", "check ", "fit ", "publish", "report")


class Built(NamedTuple):
    """A full build of a size, and how many records were delivered."""

    records: int
    full: Watched


def of_full_build(
    report: Report, size: str, full: Watched, baseline: Watched, times: DbtTimes
) -> None:
    """A full build beside the baseline, its memory, and its share of checks."""
    steps = {step.name: step.seconds for step in read_steps(full.run.lines)}
    checks = sum(seconds for name, seconds in steps.items() if name.startswith("check "))
    peak = full.whole().memory / 1024**3
    judged = size != "S"  # a small company's build is mostly start-up
    report.claims += [
        Claim(f"{size}: full build / baseline (wall)", full.run.wall / baseline.run.wall,
              FULL_RATIO, is_judged=judged),
        Claim(f"{size}: full build / baseline (CPU)", full.run.cpu / baseline.run.cpu,
              FULL_RATIO, is_judged=False),
        Claim(f"{size}: full build, memory of all processes", peak, MEMORY_LIMIT_GB, "GB"),
        Claim(f"{size}: full build, share of checks (GX and dbt tests)",
              (checks + times.test_sum) / full.run.wall, CHECK_SHARE, "", is_judged=judged),
    ]  # fmt: skip


def of_growth(report: Report, size: str, built: Mapping[str, Built]) -> None:
    """Whether time grows no faster than records, from each smaller size that was built before. Growth from
    S is not judged: a small company's build is mostly start-up."""
    this = built[size]
    for other, smaller in built.items():
        if smaller.records < this.records:
            records = this.records / smaller.records
            for kind, ratio in (
                ("wall", this.full.run.wall / smaller.full.run.wall),
                ("CPU", this.full.run.cpu / smaller.full.run.cpu),
            ):
                text = f"{size}: growth of the full build from {other} / of its records ({kind})"
                claim = Claim(text, ratio / records, 1.0, is_judged=other != "S")
                report.claims.append(claim)


def of_incremental_run(
    report: Report, size: str, incremental: Watched, full: Watched, share: float
) -> None:
    """An incremental run beside the full build."""
    for kind, ratio in (
        ("wall", incremental.run.wall / full.run.wall),
        ("CPU", incremental.run.cpu / full.run.cpu),
    ):
        judged = kind == "wall" and size != "S" and share <= 0.01
        text = f"{size}: incremental run, {share:.1%} of customers / full build ({kind})"
        report.claims.append(Claim(text, ratio, INCREMENTAL_RATIO, is_judged=judged))


def of_peers(
    report: Report, size: str, builds: dict[str, Watched], peers_done: Sequence[Watched]
) -> None:
    """An incremental run beside a whole run of each peer. A peer does a part of the work: none keeps raw
    data or publishes."""
    share, incremental = next((name, one) for name, one in builds.items() if name != "full")
    for peer in peers_done:
        text = f"{size}: incremental run, {share} of customers / {peer.name} (wall)"
        ratio = incremental.run.wall / peer.run.wall
        report.claims.append(Claim(text, ratio, 1.0, is_judged=False))


def of_overhead(report: Report, incremental: Watched, times: DbtTimes) -> None:
    """Orchestration of an incremental run, and how long `lifecycle --help` takes."""
    entries = account(read_steps(incremental.run.lines), incremental.run.wall)
    overhead = [(name, seconds) for name, seconds in entries if not name.startswith(WORK)]
    in_dbt = sum(seconds for name, seconds in entries if name.startswith(DBT))
    overhead.append(("dbt, before its first node and after its last", in_dbt - times.span))
    help_command = [*product.lifecycle_build()[:-1], "--help"]
    shown = min(run(help_command).wall for _ in range(3))
    report.claims += [
        Claim("orchestration, an incremental run", sum(s for _, s in overhead),
              OVERHEAD_SECONDS, "s"),
        Claim("lifecycle --help, best of 3", shown, HELP_SECONDS, "s"),
    ]  # fmt: skip
    report.tables.append(shares_table("Orchestration, itemised", overhead))
