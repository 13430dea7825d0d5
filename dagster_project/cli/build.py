"""`lifecycle build`: run the nightly build once, show progress and what came of it. Belongs here:
calling the build and its summary. Does not belong here: the build itself (`build/`)."""

from __future__ import annotations

import argparse
import time

from dagster_project import progress
from dagster_project.cli import summary, terminal
from dagster_project.cli.reading import opened
from dagster_project.errors import UserError
from dagster_project.publication.report_types import BuildReport
from dagster_project.report.files import current_report
from dagster_project.settings import Settings, load_settings


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 only when the build was published and everything after that went well too."""
    settings = load_settings()
    begin = time.perf_counter()
    with terminal.listening():
        progress.say(f"systems: {', '.join(settings.systems)}; home: {settings.home}")
        with progress.step("start"):
            from dagster_project.cli.launch import run_build
        report: BuildReport = run_build(
            settings,
            as_of=arguments.as_of,
            known_at=arguments.known_at,
            full_refresh=arguments.full_refresh,
        )
        seconds = report.seconds or progress.seconds_per_step()
    _show(settings, report, {**seconds, "all": time.perf_counter() - begin})
    return 0 if report.published and not report.failures else 1


def _show(settings: Settings, report: BuildReport, seconds: dict[str, float]) -> None:
    try:
        if report.published:
            _show_published(settings, report)
        else:
            _show_failed(settings, report)
    except UserError as error:  # the outcome stands; only its tables cannot be read just now
        print(f"\n(no summary: {error.what} {error.where})")
    terminal.show(summary.times(seconds))
    if report.published:
        print(f"\nPublished: build {report.build_id}, as of {report.as_of}.")
        if report.failures:
            print("What follows publication failed:")
            terminal.show_list(report.failures)
    else:
        print(f"\nNOT published: build {report.build_id}. The served build is as it was.")
        terminal.show_list(report.failures or ["The build says no reason; see its Dagster run."])
    _show_where(settings)


def _show_published(settings: Settings, report: BuildReport) -> None:
    with opened(settings.served_folder / "lifecycle.duckdb") as connection:
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
    places = [
        ("served file (read-only)", served / "lifecycle.duckdb"),
        ("Parquet", f"{served / 'parquet'}/<table>/"),
        ("report for people", current_report(settings.reports_folder, served) or "none"),
        ("private warehouse", settings.warehouse_path),
        ("records set aside", "lifecycle quarantine list"),
        ("what is published", "lifecycle status"),
    ]
    terminal.show(terminal.Table("Where to look", ["what", "where"], places))
