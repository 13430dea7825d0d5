"""The private record of builds, `meta.builds`: begun, published, failed. Belongs here: that table and
writing to it. Does not belong here: what readers see of a build (`publication/metadata.py`)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import duckdb

Outcome = Literal["published", "failed"]


def ensure_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates `meta.builds` in the private warehouse unless it exists.

    status: running, published, failed, or aborted (its process ended without recording a result);
    failures: separated by an empty line, without personal data; times are UTC without an offset.
    """
    connection.execute("create schema if not exists meta")
    connection.execute(
        """
        create table if not exists meta.builds (
            build_id varchar primary key,
            as_of date,
            started_at timestamp not null,
            finished_at timestamp,
            status varchar not null,
            systems varchar not null,
            failures varchar
        )
        """
    )


def start_build(
    connection: duckdb.DuckDBPyConnection,
    build_id: str,
    *,
    started_at: datetime,
    systems: tuple[str, ...],
    as_of: date | None = None,
) -> None:
    """Records that a build began. The caller is the warehouse's only writer, so another build that is still
    `running` has died and becomes `aborted`. A build with the same id starts over."""
    ensure_table(connection)
    connection.execute(
        "update meta.builds set status = 'aborted' where status = 'running' and build_id <> $1",
        [build_id],
    )
    connection.execute(
        "insert or replace into meta.builds values ($1, $2, $3, null, 'running', $4, null)",
        [build_id, as_of, started_at, ",".join(systems)],
    )


def finish_build(
    connection: duckdb.DuckDBPyConnection,
    build_id: str,
    outcome: Outcome,
    *,
    finished_at: datetime,
    as_of: date | None = None,
    failures: list[str] | None = None,
) -> None:
    """Records how a build ended, and its `as_of` if that became known during the build. Raises ValueError
    for a build that never started."""
    ensure_table(connection)
    changed = connection.execute(
        """
        update meta.builds
        set status = $outcome, finished_at = $finished_at, failures = $failures,
            as_of = coalesce($as_of, as_of)
        where build_id = $build_id
        """,
        {
            "outcome": outcome,
            "finished_at": finished_at,
            "failures": "\n\n".join(failures) if failures else None,
            "as_of": as_of,
            "build_id": build_id,
        },
    ).fetchone()
    if changed is None or changed[0] != 1:
        raise ValueError(f"build {build_id} was never started")
