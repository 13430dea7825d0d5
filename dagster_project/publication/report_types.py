"""What publication and a build are told and tell. Belongs here: plain data classes, light enough
to import anywhere. Does not belong here: anything that opens a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

# "schema.table" -> (what the table holds, {column: what it means})
Comments = dict[str, tuple[str, dict[str, str]]]


@dataclass(frozen=True)
class BuildInfo:
    """What is known of a build when it is published; becomes `meta.build_info`.

    Attributes:
        build_id: the Dagster run id; letters, digits, `.`, `_`, `-`.
        as_of: the UTC date before which everything counts.
        started_at, built_at: naive UTC times of the build's begin and of its publication.
        code_version: what code made it, e.g. `0.1.0+g66fabf6`.
        systems: the systems ingested, e.g. `("demo",)`.
    """

    build_id: str
    as_of: date
    started_at: datetime
    built_at: datetime
    code_version: str
    systems: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublishedBuild:
    """One build in the served folder.

    Attributes:
        folder: `served/builds/<name>`, holding the DuckDB file and `parquet/`.
        sequence: 1, 2, 3… in order of publication; the host's clock plays no part.
        published_at: naive UTC time of the switch.
        is_current: readers see this one.
        row_counts: rows of every table, by "schema.table".
    """

    build_id: str
    as_of: date
    built_at: datetime
    published_at: datetime
    sequence: int
    is_current: bool
    folder: Path
    row_counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class BuildReport:
    """What `run_build` hands back to the command line.

    Attributes:
        as_of: None when the build failed before it was known.
        published: True only when readers now see this build.
        failures: clear sentences naming the failed check or step, where, and what to do;
            no personal data. Never empty when not published; when published, what failed after
            that, such as the report.
        seconds: wall seconds per step, in order; empty: the command line uses what it heard
            through `progress`.
        served: the served folder.
    """

    build_id: str
    as_of: date | None
    published: bool
    served: Path
    failures: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
