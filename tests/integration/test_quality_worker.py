"""The worker's protocol and its client: what happens when the worker dies, hangs or talks
nonsense. Belongs here: failures of the machinery, mostly with workers of a few lines, so that
Great Expectations is imported in one test only. Does not belong here: the suites."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from dagster_project.quality.gx.client import WORKER_MODULE, QualityWorker, QualityWorkerError
from dagster_project.quality.gx.process import without_values
from dagster_project.quality.suites import input_suites, mart_suites
from dagster_project.quality.suites.model import Suite

SECRET = "jana.novakova@example"
READY = "print('{\"ready\": true}', flush=True);"
DATABASE = Path("warehouse.duckdb")
SUITES: list[Suite] = []
MANY_SUITES = [*input_suites(date(2024, 6, 1)), *mart_suites(date(2024, 6, 1))] * 20


def worker(code: str, **timeouts: float) -> QualityWorker:
    """A client of a worker whose whole program is `code`."""
    return QualityWorker(command=[sys.executable, "-c", code], **timeouts)


def test_nothing_but_answers_reaches_standard_output(tmp_path: Path) -> None:
    request = json.dumps({"database": str(tmp_path / "none.duckdb"), "suites": []})
    done = subprocess.run(
        [sys.executable, "-m", WORKER_MODULE],
        input=f"{request}\n{request}\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers[0]["ready"]
    assert len(answers) == 3
    assert all("error" in answer for answer in answers[1:])


def test_starting_does_not_wait() -> None:
    started = time.perf_counter()
    with worker("import time; time.sleep(60)"):
        assert time.perf_counter() - started < 5
    assert time.perf_counter() - started < 10


def test_a_worker_that_cannot_start_says_why() -> None:
    with (
        worker("import sys; sys.exit('No module named great_expectations')") as client,
        pytest.raises(QualityWorkerError, match="No module named great_expectations") as caught,
    ):
        client.validate(DATABASE, SUITES)
    assert "Exit code 1" in str(caught.value)


def test_a_worker_that_dies_while_checking_shows_no_values() -> None:
    code = f"{READY} input(); raise ValueError('could not convert {SECRET}')"
    with (
        worker(code) as client,
        pytest.raises(QualityWorkerError, match="ended while checking") as caught,
    ):
        client.validate(DATABASE, SUITES)
    assert "ValueError" in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "doing"),
    [("import time; time.sleep(60)", "starting"), (f"{READY} input(); input()", "checking")],
)
def test_a_worker_that_hangs_is_ended(code: str, doing: str) -> None:
    started = time.perf_counter()
    with (
        worker(code, start_timeout=3, validate_timeout=1) as client,
        pytest.raises(QualityWorkerError, match=f"no answer in time while {doing}"),
    ):
        client.validate(DATABASE, SUITES)
    assert time.perf_counter() - started < 15


def test_nonsense_is_an_error() -> None:
    with (
        worker(f"{READY} input(); print('Calculating Metrics', flush=True); input()") as client,
        pytest.raises(QualityWorkerError, match="nonsense"),
    ):
        client.validate(DATABASE, SUITES)


def test_a_client_starts_again_after_being_stopped() -> None:
    code = f"{READY} input(); print('{{\"results\": []}}', flush=True); input()"
    with worker(code) as client:
        assert client.validate(DATABASE, SUITES) == []
        client.stop()
        client.stop()
        assert client.validate(DATABASE, SUITES) == []


def test_a_worker_that_stops_reading_does_not_hold_up_the_build() -> None:
    started = time.perf_counter()
    with (
        worker(f"{READY} import time; time.sleep(60)", validate_timeout=1) as client,
        pytest.raises(QualityWorkerError, match="no answer in time"),
    ):
        client.validate(DATABASE, MANY_SUITES)
    assert time.perf_counter() - started < 15


def test_a_postponed_module_is_there_when_used() -> None:
    code = (
        "import sys; from dagster_project.quality.gx.worker import postpone;"
        "postpone('fractions'); import fractions; from fractions import Fraction;"
        "assert fractions.Fraction is Fraction is sys.modules['fractions'].Fraction;"
        "assert Fraction(1, 2) * 2 == 1"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_a_long_request_and_settings_do_not_leak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECYCLE_PII_KEY", SECRET)
    code = (
        f"{READY} import os, json; n = len(json.loads(input())['suites']);"
        "bad = 'LIFECYCLE_PII_KEY' in os.environ or os.environ['GX_ANALYTICS_ENABLED'] != 'false'"
        " or os.environ['DO_NOT_TRACK'] != '1';"
        "print(json.dumps({'error': f'{n} {bad}'}), flush=True)"
    )
    expected = f"{len(MANY_SUITES)} False"
    with worker(code) as client, pytest.raises(QualityWorkerError, match=expected):
        client.validate(DATABASE, MANY_SUITES)


def test_only_frames_and_kinds_of_errors_are_kept_of_a_traceback() -> None:
    lines = [
        "Traceback (most recent call last):",
        '  File "/x/worker.py", line 7, in main',
        f"    handle('{SECRET}')",
        f"duckdb.duckdb.ConversionException: Could not convert '{SECRET}'",
        SECRET,
    ]
    assert without_values(lines) == [
        '  File "/x/worker.py", line 7',
        "duckdb.duckdb.ConversionException",
    ]
