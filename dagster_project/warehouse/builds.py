"""The private record of builds, `meta.builds`: begun, published, failed. Belongs here: that table and
writing to it. Does not belong here: what readers see of a build (`publication/metadata.py`)."""

from __future__ import annotations

from datetime import date, datetime

import duckdb


def ensure_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates `meta.builds` in the private warehouse unless it exists.

    status: running, published, beside (published, and not as the current build), failed, or aborted (its
    process ended without recording a result);
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
) -> list[str]:
    """Records that a build began. The caller is the warehouse's one writer, so a build still
    `running` here has died: it becomes `aborted`, and its id is returned. The same build again starts over."""
    ensure_table(connection)
    aborted = connection.execute(
        "update meta.builds set status = 'aborted' where status = 'running' and build_id <> $1"
        " returning build_id",
        [build_id],
    ).fetchall()
    connection.execute(
        "insert or replace into meta.builds values ($1, $2, $3, null, 'running', $4, null)",
        [build_id, as_of, started_at, ",".join(systems)],
    )
    return [died for (died,) in aborted]


def record_as_of(connection: duckdb.DuckDBPyConnection, build_id: str, as_of: date) -> None:
    """Adds the logical end of a build, which is known once everything has arrived."""
    connection.execute("update meta.builds set as_of = $1 where build_id = $2", [as_of, build_id])


def record_failure(connection: duckdb.DuckDBPyConnection, build_id: str, text: str) -> None:
    """Adds what went wrong in a build, in words for people without personal data. A run that is no build has
    no row and leaves none."""
    ensure_table(connection)
    connection.execute(
        "update meta.builds set failures = concat_ws(chr(10) || chr(10), failures, $1)"
        " where build_id = $2",
        [text, build_id],
    )


def record_published(
    connection: duckdb.DuckDBPyConnection,
    build_id: str,
    *,
    finished_at: datetime,
    is_current: bool = True,
) -> None:
    """Records that readers see a build, as the current one or beside it."""
    connection.execute(
        "update meta.builds set status = $1, finished_at = $2 where build_id = $3",
        ["published" if is_current else "beside", finished_at, build_id],
    )


def fail_if_running(
    connection: duckdb.DuckDBPyConnection, build_id: str, *, finished_at: datetime
) -> None:
    """Records the end of a run: a build that has not been published has failed."""
    ensure_table(connection)
    connection.execute(
        "update meta.builds set status = 'failed' where status = 'running' and build_id = $1",
        [build_id],
    )
    connection.execute(
        "update meta.builds set finished_at = $1 where build_id = $2", [finished_at, build_id]
    )
