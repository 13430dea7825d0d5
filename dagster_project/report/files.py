"""The files of reports. Belongs here: writing them, the link to the latest, removing them. Does not belong
here: what is in them.

    reports/<build id>/index.html   one report per published build, also of those kept beside by date
    reports/latest -> <build id>    the report of the build that readers see

A report is kept as long as its build."""

from __future__ import annotations

from pathlib import Path

from dagster_project.publication import layout, served
from dagster_project.warehouse.trouble import explained

INDEX = "index.html"
LATEST = "latest"


def report_path(reports: Path, build_id: str) -> Path:
    """The path of a build's report; it need not exist."""
    return reports / build_id / INDEX


def current_report(reports: Path, served_folder: Path) -> Path | None:
    """The report of the build that readers see now, if there is one."""
    builds = served.served_builds(served_folder)
    current = next((build.build_id for build in builds if build.is_current), None)
    path = report_path(reports, current) if current is not None else None
    return path if path is not None and path.is_file() else None


def write(reports: Path, build_id: str, html: str) -> Path:
    """Writes a build's report atomically. Raises UserError when it cannot be written."""
    layout.check_build_id(build_id)
    path = report_path(reports, build_id)
    with explained("write the report", reports):
        path.parent.mkdir(parents=True, exist_ok=True)
        layout.write_durably(path, html)
    return path


def tidy(reports: Path, served_folder: Path) -> None:
    """Points `latest` at the report of the build that readers see, and removes the reports of builds that no
    longer exist. Raises UserError when that fails."""
    with explained("tidy the reports", reports):
        kept = {build.build_id for build in served.served_builds(served_folder)}
        path = current_report(reports, served_folder)
        if path is not None:
            layout.replace_link(reports / LATEST, path.parent.name)
        for folder in reports.iterdir():
            if folder.is_dir() and not folder.is_symlink() and folder.name not in kept:
                layout.remove(folder)
