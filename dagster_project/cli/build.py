"""`lifecycle build`: run the nightly build once, show its progress and its results. Belongs here: calling the
build, and which words its outcome gets. Does not belong here: the build itself (`defs/`)."""

from __future__ import annotations

import argparse
import dataclasses
import signal
import time

from dagster_project import progress
from dagster_project.cli import bars, summary, terminal
from dagster_project.cli.reading import opened
from dagster_project.errors import UserError
from dagster_project.publication.report_types import BuildReport, PublishedBuild
from dagster_project.publication.served import served_builds
from dagster_project.report.files import current_report
from dagster_project.settings import Settings, load_settings
from dagster_project.transformation.as_of import latest_as_of


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 only when the build was published, as the current one or beside it, and every later step
    succeeded. Raises KeyboardInterrupt, with what readers see, when Ctrl-C ended the build."""
    settings = load_settings()
    before = _current(settings)
    begin = time.perf_counter()
    try:
        with bars.listening():
            progress.say(f"systems: {', '.join(settings.systems)}; home: {settings.home}")
            with progress.step("start"):
                from dagster_project.cli.launch import run_build
            report = run_build(
                settings,
                as_of=arguments.as_of,
                known_at=arguments.known_at,
                full_refresh=arguments.full_refresh,
                make_current=arguments.make_current,
            )
            seconds = report.seconds or progress.seconds_per_step()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # pressed again: this process ends anyway
        raise KeyboardInterrupt(_interrupted(before, _current(settings))) from None
    report = _as_readers_see(settings, report)
    _show(settings, report, {**seconds, "all": time.perf_counter() - begin})
    return 0 if report.published and not report.failures else 1


def _current(settings: Settings) -> PublishedBuild | None:
    """The build that readers see; None also where the served folder cannot be read."""
    try:
        return next(
            (each for each in served_builds(settings.served_folder) if each.is_current), None
        )
    except UserError:
        return None


def _interrupted(before: PublishedBuild | None, after: PublishedBuild | None) -> str:
    if after is None:
        return "nothing was published."
    if before is not None and before.build_id == after.build_id:
        return f"nothing was published; readers see build {after.build_id} as before."
    return f"build {after.build_id} had been published; what follows publication may be missing."


def _as_readers_see(settings: Settings, report: BuildReport) -> BuildReport:
    """The report, published if readers see this build: a run can fail after publication, before it is
    recorded."""
    current = _current(settings)
    if report.published or current is None or current.build_id != report.build_id:
        return report
    failures = report.failures or ["The run failed after publication; see `lifecycle dev`."]
    return dataclasses.replace(report, published=True, as_of=current.as_of, failures=failures)


def _show(settings: Settings, report: BuildReport, seconds: dict[str, float]) -> None:
    try:
        if report.published:
            _show_published(settings, report)
        else:
            _show_failed(settings, report)
    except UserError as error:  # the outcome stands; only its tables cannot be read now
        print(f"\nThe tables of this build cannot be shown: {error.what} ({error.where})")
    terminal.show(summary.times(seconds))
    if report.published:
        print(f"\nPublished: build {report.build_id}, as of {report.as_of}.")
        if report.beside is not None:
            _show_beside(settings, report)
        if report.failures:
            print("A step after publication failed:")
            terminal.show_list(report.failures)
    else:
        print(f"\nNOT published: build {report.build_id}. The served build is as it was.")
        reason = f"No reason was recorded; see run {report.build_id} in `lifecycle dev`."
        terminal.show_list(report.failures or [reason])
    _show_where(settings)


def _show_beside(settings: Settings, report: BuildReport) -> None:
    """A build that did not take the current one's place: what readers see, where it is, how it gets there."""
    builds = served_builds(settings.served_folder)
    current = next((each for each in builds if each.is_current), None)
    seen = f"still see the build of {current.as_of}" if current else "see no build yet"
    why = (
        f"{report.as_of} is later than now"
        if report.as_of and report.as_of > latest_as_of(settings.reporting_timezone)
        else f"{report.as_of} is earlier than that"
    )
    dates = sum(each.is_dated for each in builds)
    print(f"It is kept beside: readers {seen}, as {why}.")
    terminal.show_list(
        [
            f"Read it: {report.beside}/ (lifecycle.duckdb and parquet/).",
            f"Make it the current one: lifecycle rollback --to {report.as_of}",
            f"Dates kept beside: {dates}. To give one up, remove its link; the next build removes its files: "
            f"rm {report.beside}",
        ]
    )


def _show_published(settings: Settings, report: BuildReport) -> None:
    with opened((report.beside or settings.served_folder) / "lifecycle.duckdb") as connection:
        terminal.show(
            summary.intake(connection, "meta.loads", report.build_id),
            *summary.stages(connection),
            summary.orders(connection),
            summary.checks(connection, report.build_id),
            summary.unmet(connection, report.build_id),
        )


def _show_failed(settings: Settings, report: BuildReport) -> None:
    with opened(settings.warehouse_path) as connection:
        terminal.show(
            summary.intake(connection, "ingest.loads", report.build_id),
            summary.checks(connection, report.build_id),
            summary.unmet(connection, report.build_id),
        )


def _show_where(settings: Settings) -> None:
    served = settings.served_folder
    published = (served / "lifecycle.duckdb").exists()
    places: list[tuple[str, object]] = [
        ("served file (read-only)", served / "lifecycle.duckdb" if published else "none yet"),
        ("Parquet", f"{served / 'parquet'}/<table>/" if published else "none yet"),
        ("report for people", current_report(settings.reports_folder, served) or "none"),
        ("private warehouse", settings.warehouse_path),
        ("quarantined records", "lifecycle quarantine list"),
        ("what is published", "lifecycle status"),
    ]
    terminal.show(terminal.Table("Where to look", ["what", "where"], places))
