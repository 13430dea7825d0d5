"""Ctrl-C on a terminal, at several moments of a build: one sentence that is true, no traceback, exit code 130,
no process left, readers see a whole build, and the next build publishes."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ORDERS_ALONE
from tests.support.installation import Installation
from tests.support.pseudo_terminal import INTERRUPT, OnTerminal, on_terminal

SENTENCE = "lifecycle: interrupted: "
SECONDS_TO_END = 90  # on a machine that does much else at the same time
WIDE = 300  # no line wraps


def _interrupted(installation: Installation, moment: str) -> str:
    """The last line of a build that was interrupted as soon as `moment` was on the terminal."""
    command = [sys.executable, "-m", "dagster_project.cli", "build"]
    environment = installation.environment()
    with on_terminal(command, environment, installation.project, size=(30, WIDE)) as running:
        running.wait_for(moment)
        running.press(INTERRUPT)
        code = running.wait(SECONDS_TO_END)
        shown = running.shown()
        text = "\n".join(shown)
        assert code == 130, text
        assert "Traceback" not in text and "Error" not in text and "Exception" not in text, text
        assert text.count(SENTENCE) == 1 and shown[-1].startswith(SENTENCE), text
        assert _left_by(running) == []
    return shown[-1].removeprefix(SENTENCE)


def _left_by(running: OnTerminal, seconds: float = 10) -> list[str]:
    """Processes that the command left running: its terminal's session is theirs (as Linux lists them)."""
    end = time.monotonic() + seconds
    while True:
        left = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                name, fields = path.read_text().rsplit(")", 1)
            except OSError:  # it has ended meanwhile
                continue
            state, _, _, session = fields.split()[:4]
            if session == str(running.pid) and state != "Z":
                left.append(name)
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.2)


def test_while_dbt_parses(tmp_path: Path) -> None:
    empty = Installation(tmp_path, {"LANDING": str(ORDERS_ALONE), "SYSTEMS": "generic"})
    assert _interrupted(empty, "parse models") == "nothing was published."
    assert not (tmp_path / "served" / "lifecycle.duckdb").exists()


def test_while_models_are_computed(orders_alone: Installation) -> None:
    before = orders_alone.published_build()
    words = _interrupted(orders_alone, "build models")
    assert words == f"nothing was published; readers see build {before} as before."
    assert orders_alone.published_build() == before
    orders_alone.build()
    assert orders_alone.published_build() != before


@pytest.mark.slow
@pytest.mark.parametrize(
    "moment",
    ["load Dagster", "ingest generic", "check arrival", "check inputs", "publish", "report"],
)
def test_while_something_else_runs(orders_alone: Installation, moment: str) -> None:
    """From publication on, the sentence depends on whether the switch had been made."""
    before = orders_alone.published_build()
    words = _interrupted(orders_alone, moment)
    now = orders_alone.published_build()
    if now == before:
        assert words == f"nothing was published; readers see build {before} as before."
    else:
        assert moment in ("publish", "report")
        assert words.startswith(f"build {now} had been published;")
    assert orders_alone.canonical_marts()
