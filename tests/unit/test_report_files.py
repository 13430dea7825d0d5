"""The files of reports: one per kept build, and a link to the report of the current build."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.errors import UserError
from dagster_project.publication import served
from dagster_project.report import files
from tests.unit.test_publication_publish import publish_number


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return tmp_path / "reports"


def _build(tmp_path: Path, reports: Path, number: int) -> None:
    publish_number(tmp_path, number, keep=1)
    files.write(reports, f"build-{number}", f"<p>{number}")
    files.tidy(reports, tmp_path / "served")


def test_reports_go_with_their_builds(tmp_path: Path, reports: Path) -> None:
    for number in (1, 2, 3):
        _build(tmp_path, reports, number)
    assert sorted(path.name for path in reports.iterdir()) == ["build-2", "build-3", "latest"]
    assert (reports / "latest" / "index.html").read_text() == "<p>3"
    assert files.current_report(reports, tmp_path / "served") == reports / "build-3" / "index.html"


def test_latest_is_that_of_the_build_readers_see(tmp_path: Path, reports: Path) -> None:
    for number in (1, 2):
        _build(tmp_path, reports, number)
    served.rollback(tmp_path / "served")
    files.tidy(reports, tmp_path / "served")
    assert (reports / "latest" / "index.html").read_text() == "<p>1"


def test_a_build_without_a_report_has_none(tmp_path: Path, reports: Path) -> None:
    _build(tmp_path, reports, 1)
    publish_number(tmp_path, 2, keep=1)
    assert files.current_report(reports, tmp_path / "served") is None
    files.tidy(reports, tmp_path / "served")
    assert (reports / "latest" / "index.html").read_text() == "<p>1"  # the newest there is


def test_what_is_in_the_way_is_reported(tmp_path: Path, reports: Path) -> None:
    reports.write_text("a file")
    with pytest.raises(UserError, match="report"):
        files.write(reports, "build-1", "")
