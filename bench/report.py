"""What the benchmark prints. Belongs here: claims with their limits, tables, and the exit code that follows.
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
    """A number that must not exceed its limit. `is_judged` is False for numbers that are only told."""

    text: str
    value: float
    limit: float
    unit: str = "x"
    is_judged: bool = True

    @property
    def holds(self) -> bool:
        """Whether the limit is kept."""
        return self.value <= self.limit

    @property
    def verdict(self) -> str:
        """`ok`, `fail`, or `miss` for what is told and not judged."""
        if self.holds:
            return "ok"
        return "fail" if self.is_judged else "miss"


@dataclass
class Report:
    """Claims and tables of one scenario; `troubles` are failures that are no number, `notes` what is to be
    known and no failure of ours."""

    claims: list[Claim] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Takes over all that another one holds."""
        self.claims += other.claims
        self.tables += other.tables
        self.troubles += other.troubles
        self.notes += other.notes

    @property
    def falls_short(self) -> bool:
        """Whether anything that is judged failed."""
        return bool(self.troubles) or any(c.verdict == "fail" for c in self.claims)


def claims_table(claims: Sequence[Claim]) -> Table:
    """One row per claim."""
    rows = [
        (
            claim.verdict,
            claim.text,
            f"{claim.value:.2f} {claim.unit}",
            f"{claim.limit:g} {claim.unit}",
        )
        for claim in claims
    ]
    return Table("Claims", ["", "claim", "measured", "limit"], rows)


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
