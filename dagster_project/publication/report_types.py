"""The arguments and results of a build and of publication. Belongs here: plain data classes, light
enough to import anywhere. Does not belong here: anything that opens a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

# "schema.table" -> (description of the table, {column: its description})
Comments = dict[str, tuple[str, dict[str, str]]]


@dataclass(frozen=True)
class BuildInfo:
    """The facts about a build at its publication; they become `meta.build_info`.

    Attributes:
        build_id: the Dagster run id; letters, digits, `.`, `_`, `-`.
        as_of: the date before which everything counts, in the reporting time zone.
        started_at, built_at: when the build began and when its publication began, in UTC without an offset.
        code_version: version of the code that made it, e.g. `0.1.0+g66fabf6`.
        systems: the systems ingested, e.g. `("demo",)`.
        reporting_timezone: whose days, weeks and months the marts count in.
    """

    build_id: str
    as_of: date
    started_at: datetime
    built_at: datetime
    code_version: str
    systems: tuple[str, ...] = ()
    reporting_timezone: str = "UTC"


@dataclass(frozen=True)
class PublishedBuild:
    """One build in the served folder.

    Attributes:
        folder: `served/builds/<name>`, with the DuckDB file and the folder `parquet`.
        sequence: 1, 2, 3… in the order in which builds became current, whatever the host's clock; 0: never.
        published_at: when that happened, else when its publication began; in UTC without an offset.
        is_current: whether readers see this build.
        is_dated: whether `served/as_of/<as_of>` leads to it, beside the current one.
        row_counts: number of rows of every table, by "schema.table".
    """

    build_id: str
    as_of: date
    built_at: datetime
    published_at: datetime
    sequence: int
    is_current: bool
    is_dated: bool
    folder: Path
    row_counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class BuildReport:
    """The result that `run_build` returns to the command line.

    Attributes:
        as_of: the build's logical end; None when the build failed before it was known.
        published: whether readers now see this build, as the current one or beside it.
        beside: the folder where it is read when it is not the current one.
        failures: sentences that name the failed check or step, its place, and what to do; no personal
            data. Never empty when the build was not published; otherwise, what failed after
            publication, such as the report.
        seconds: wall seconds per step, in order; when empty, the command line uses those recorded by
            `progress`.
        served: the served folder.
    """

    build_id: str
    as_of: date | None
    published: bool
    served: Path
    failures: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    beside: Path | None = None
