"""Publication of an audited build, in one atomic step. Belongs here: the order of the steps. Does not
belong here: the statements (`snapshot.py`, `metadata.py`), the verification (`verify.py`), the file
system's primitives (`layout.py`), which builds are kept (`served.py`).

A build is made in an unfinished folder, verified, made durable and renamed. Readers see it when the
link `current` moves; a build that is kept beside it (`served.place_of`) is seen when the link of its date
does. A crash at any instant leaves the old build or the new one behind a link, and leftovers that the next
publication removes."""

from __future__ import annotations

import collections
from datetime import date
from pathlib import Path

from dagster_project import progress
from dagster_project.errors import UserError
from dagster_project.publication import layout, metadata, served, snapshot, verify
from dagster_project.publication.report_types import BuildInfo, Comments, PublishedBuild
from dagster_project.publication.snapshot import PRIVATE, SERVED, OnStep
from dagster_project.warehouse.trouble import explained


def publish(
    warehouse: Path,
    served_folder: Path,
    *,
    build: BuildInfo,
    comments: Comments,
    keep: int = 3,
    latest: date | None = None,
    make_current: bool = False,
    threads: int | None = None,
    memory_limit: str | None = None,
    on_step: OnStep = lambda name: None,
) -> PublishedBuild:
    """Copies the marts of `warehouse` into a new served build and makes it the current one, or keeps it beside
    the current one, by its date, where it is of an earlier day than that or of a later one than `latest`.

    Args:
        warehouse: the private warehouse; no process may be writing to it.
        served_folder: the served folder; created when absent.
        comments: descriptions of tables and columns, stored in the file.
        keep: number of builds that were current once and are kept.
        latest: the last date that is not later than now; None: any may be current.
        make_current: makes it the current one whatever its date.
        threads, memory_limit: DuckDB's settings; None means its own defaults.
        on_step: called with a name after each step whose state a crash could leave behind.

    Raises UserError when the warehouse is missing, locked or without marts, when the folder cannot be
    written or the disk is full. The served build is then unchanged, and nothing is left behind.
    """
    layout.check_build_id(build.build_id)
    if not warehouse.is_file():
        raise UserError(
            "There is no private warehouse to publish from.",
            where=str(warehouse),
            todo="Run `lifecycle build`; check LIFECYCLE_HOME.",
        )
    with explained("prepare the served folder", served_folder):
        layout.prepare(served_folder)
        on_step("prepared")
    with explained("publish", served_folder), layout.only_one(served_folder):
        served.sweep_locked(served_folder, keep=None)
        on_step("swept orphans")
        finished = _free_name(served_folder, build.build_id)
        folder = layout.unfinished(finished)
        try:
            folder.mkdir()
            on_step("made folder")
            _make(warehouse, folder, build, comments, threads, memory_limit, on_step)
            folder = folder.rename(finished)
            layout.sync_folder(folder.parent)
            on_step("renamed folder")
            is_beside = not make_current and served.belongs_beside(
                served_folder, build.as_of, latest
            )
            if is_beside:
                link = layout.date_link(served_folder, build.as_of)
                layout.replace_link(link, f"../{layout.BUILDS}/{folder.name}")
            else:
                layout.replace_link(
                    served_folder / layout.CURRENT, f"{layout.BUILDS}/{folder.name}"
                )
        except BaseException:
            if not served.is_visible(served_folder, folder):
                layout.remove(folder)
            raise
        on_step("switched")
    return _settle(served_folder, folder, keep, on_step)


def _make(
    warehouse: Path,
    folder: Path,
    build: BuildInfo,
    comments: Comments,
    threads: int | None,
    memory_limit: str | None,
    on_step: OnStep,
) -> None:
    """Fills the unfinished folder and verifies it."""
    scratch = folder / ".scratch"
    with snapshot.session(
        scratch=scratch, threads=threads, memory_limit=memory_limit
    ) as connection:
        with explained("open the private warehouse", warehouse):
            snapshot.attach_private(connection, warehouse)
        marts = snapshot.relations(connection, PRIVATE)
        _check_marts(marts, warehouse)
        snapshot.attach_new(connection, folder / layout.DATABASE)
        on_step("made file")
        for number, mart in enumerate(marts):
            progress.advance("publish", number, 2 * len(marts))
            snapshot.copy(connection, mart)
            on_step(f"copied {mart.label}")
        metadata.write(connection, build)
        on_step("wrote meta")
        tables = snapshot.relations(connection, SERVED)
        snapshot.describe(connection, tables, {**metadata.COMMENTS, **comments})
        for number, table in enumerate(tables):
            progress.advance("publish", len(tables) + number, 2 * len(tables))
            snapshot.export(connection, table, layout.parquet_file(folder, table.name))
            on_step(f"exported {table.label}")
        snapshot.finish(connection)
        on_step("closed file")
    row_counts = verify.verify(folder, warehouse, threads=threads, memory_limit=memory_limit)
    on_step("verified")
    if scratch.exists():
        layout.remove(scratch)
    (folder / served.ABOUT).write_text(metadata.as_json(build, row_counts), encoding="utf-8")
    (folder / layout.READ_NAME).symlink_to(layout.DATABASE)
    layout.seal(folder)
    on_step("sealed")


def _settle(served_folder: Path, folder: Path, keep: int, on_step: OnStep) -> PublishedBuild:
    """Marks the new build and removes old ones, after the switch. The build is published whatever happens
    here, so an error is reported and cleaning up is left to the next publication."""
    try:
        with explained("tidy the served folder", served_folder), layout.only_one(served_folder):
            served.mark_current(served_folder)
            on_step("marked")
            served.sweep_locked(served_folder, keep)
            on_step("swept old builds")
    except UserError as error:
        progress.say(f"Published, but: {error.what} ({error.where})")
    return next(build for build in served.served_builds(served_folder) if build.folder == folder)


def _check_marts(marts: list[snapshot.Relation], warehouse: Path) -> None:
    if not marts:
        raise UserError(
            "The private warehouse holds no marts to publish.",
            where=f"{warehouse}, schemas {', '.join(layout.SCHEMAS)}",
            todo="Run the whole build, not only its ingestion.",
        )
    counts = collections.Counter(mart.name.lower() for mart in marts)
    counts.update(name.removeprefix("meta.") for name in metadata.COMMENTS)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise UserError(
            f"Two served tables are called {twice[0]}; Parquet folders need unique names.",
            where=str(warehouse),
            todo="Rename one of the dbt models.",
        )


def _free_name(served_folder: Path, build_id: str) -> Path:
    """The build's folder; its name ends in a number when the same build was published before."""
    builds = served_folder / layout.BUILDS
    path, number = builds / build_id, 1
    while path.exists():
        number += 1
        path = builds / f"{build_id}.{number}"
    return path
