"""`lifecycle status`: what readers see now. Belongs here: that command. Does not belong here: the state of the
installation (`doctor.py`)."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime, timedelta

from dagster_project.cli import summary, terminal
from dagster_project.cli.reading import columns, opened, rows
from dagster_project.errors import BusyError, UserError
from dagster_project.publication.report_types import PublishedBuild
from dagster_project.publication.served import served_builds
from dagster_project.report.files import current_report
from dagster_project.settings import Settings, load_settings


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when something is published, else 1."""
    settings = load_settings()
    builds = served_builds(settings.served_folder)
    current = next((build for build in builds if build.is_current), None)
    if current is None:
        print(f"Nothing is published in {settings.served_folder}; run `lifecycle build`.")
    else:
        _show_current(settings, current)
        if builds[0].sequence > current.sequence:
            print("\nRolled back: a newer build is kept and is not the current one.")
    _show_kept(builds)
    _show_private(settings, current)
    return 0 if current else 1


def _show_kept(builds: list[PublishedBuild]) -> None:
    headers = ["build", "as of", "published (UTC)", "current"]
    for title, kept in (
        ("Published builds kept", [build for build in builds if build.sequence]),
        ("Kept beside, by date", [build for build in builds if build.is_dated]),
    ):
        shown = [(b.build_id, b.as_of, b.published_at, b.is_current) for b in kept]
        terminal.show(terminal.Table(title, headers, shown))
    if any(build.is_dated for build in builds):
        print(
            "\nRead one in served/as_of/<date>/; remove it by removing that link; make it current with"
        )
        print("`lifecycle rollback --to DATE`.")


def _show_current(settings: Settings, build: PublishedBuild) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    facts: list[tuple[str, object]] = [
        ("build", build.build_id),
        ("as of", build.as_of),
        ("published (UTC)", build.published_at),
        ("age", _age(now - build.published_at)),
        ("tables", len(build.row_counts)),
        ("rows", sum(build.row_counts.values())),
        ("file", settings.served_folder / "lifecycle.duckdb"),
        ("report", current_report(settings.reports_folder, settings.served_folder) or "none"),
    ]
    with opened(settings.served_folder / "lifecycle.duckdb") as connection:
        terminal.show(
            terminal.Table("Published", ["", "value"], [(k, terminal.cell(v)) for k, v in facts]),
            summary.checks(connection, build.build_id),
            summary.order_decided(connection, "meta.loads"),
            *summary.stages(connection),
        )
        if silent := summary.stopped(connection):
            print("\nFeeds that stopped (as of the published build):")
            terminal.show_list(silent)


def _show_private(settings: Settings, current: PublishedBuild | None) -> None:
    try:
        with opened(settings.warehouse_path) as connection:
            if "status" in columns(connection, "ingest.quarantine"):
                query = "select count(*) from ingest.quarantine where status = 'open'"
                ((count,),) = rows(connection, query)
                hint = "; see `lifecycle quarantine list`" if count else ""
                print(f"\nQuarantine: {terminal.cell(count)} open{hint}.")
            if "failures" in columns(connection, "meta.builds"):
                last = rows(
                    connection,
                    "select build_id, status, started_at, failures from meta.builds "
                    "order by started_at desc, build_id desc limit 1",
                )
                for row in last:
                    if row[1] not in ("published", "beside") and (
                        not current or row[0] != current.build_id
                    ):
                        _show_unpublished(settings, *row)
    except BusyError as error:
        print(f"\nA build is running, or another process has the warehouse open: {error.what}")
    except UserError as error:
        if settings.warehouse_path.exists():
            print(f"\nThe private warehouse cannot be read: {error.what} {error.where}")


def _show_unpublished(
    settings: Settings, build_id: str, status: str, started_at: datetime, failures: str | None
) -> None:
    if status == "running" and _writer_lives(settings):
        print(f"\nBuild {build_id} has been running since {started_at} UTC.")
        return
    ended = "ended without a result" if status in ("running", "aborted") else status
    print(f"\nThe last build was not published: {build_id}, {ended}, started {started_at} UTC.")
    terminal.show_list((failures or "").split("\n\n"))


def _writer_lives(settings: Settings) -> bool:
    """Whether the process named in the writer's lock file exists. The lock itself is left alone: taking it
    would refuse a build that begins at that moment."""
    try:
        os.kill(int(settings.lock_path.read_text().split()[-1]), 0)
    except (OSError, ValueError, IndexError) as error:
        return isinstance(error, PermissionError)
    return True


def _age(passed: timedelta) -> str:
    hours = passed.total_seconds() / 3600
    if hours < 1:
        return f"{max(0, round(hours * 60))} minutes"
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.1f} days"
