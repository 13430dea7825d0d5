"""What the benchmark prints. Belongs here: claims with their limits, tables, and whether a report fails.
Does not belong here: measuring, or how a table looks (`dagster_project.cli.terminal`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.measure import Run
from dagster_project.cli.terminal import Table

MEGABYTE = 1024**2


@dataclass(frozen=True)
class Claim:
    """A number that must not exceed its bound. `is_judged` is False for one that is only reported."""

    text: str
    value: float
    bound: float
    unit: str = "x"
    is_judged: bool = True

    @property
    def holds(self) -> bool:
        """Whether the number is within its bound."""
        return self.value <= self.bound

    @property
    def verdict(self) -> str:
        """`ok`, `fail`, or `miss` for a claim that is reported and not judged."""
        if self.holds:
            return "ok"
        return "fail" if self.is_judged else "miss"


@dataclass
class Report:
    """Claims and tables of one scenario; `troubles` are failures that are no number, `notes` what did not
    run and is no failure of the product."""

    claims: list[Claim] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Appends everything of another report."""
        self.claims += other.claims
        self.tables += other.tables
        self.troubles += other.troubles
        self.notes += other.notes

    @property
    def fails(self) -> bool:
        """Whether a judged claim failed, or anything else."""
        return bool(self.troubles) or any(c.verdict == "fail" for c in self.claims)


def claims_table(claims: Sequence[Claim]) -> Table:
    """One row per claim."""
    rows = [
        (
            claim.verdict,
            claim.text,
            f"{claim.value:.2f} {claim.unit}",
            f"{claim.bound:g} {claim.unit}",
        )
        for claim in claims
    ]
    return Table("Claims", ["", "claim", "measured", "at most"], rows)


def runs_table(title: str, runs: Sequence[tuple[str, Sequence[Run]]]) -> Table:
    """Medians of several runs of each command."""
    return Table(
        title,
        ["command", "rounds", "wall s", "CPU s", "fastest", "slowest", "peak MB"],
        [
            (
                name,
                len(measured),
                median(run.wall for run in measured),
                median(run.cpu for run in measured),
                min(run.wall for run in measured),
                max(run.wall for run in measured),
                round(max(run.peak_bytes for run in measured) / MEGABYTE),
            )
            for name, measured in runs
            if measured
        ],
    )


def shares_table(title: str, entries: Sequence[tuple[str, float]]) -> Table:
    """Seconds and their share of the sum."""
    total = sum(seconds for _, seconds in entries)
    rows: list[tuple[object, ...]] = [
        (name, seconds, 100 * seconds / total if total else 0.0) for name, seconds in entries
    ]
    return Table(title, ["part", "seconds", "%"], [*rows, ("all", total, 100.0)])
