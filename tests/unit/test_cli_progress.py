"""Progress reaches its listener, and the seconds of every step are kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from dagster_project import progress
from dagster_project.cli import bars, terminal
from tests.support.installation import ROOT
from tests.support.pseudo_terminal import Screen, on_terminal


class Heard:
    def __init__(self) -> None:
        self.events: list[tuple[object, ...]] = []

    def started(self, name: str) -> None:
        self.events.append(("started", name))

    def advanced(self, name: str, done: int, total: int) -> None:
        self.events.append(("advanced", name, done, total))

    def said(self, text: str) -> None:
        self.events.append(("said", text))

    def finished(self, name: str, seconds: float, failed: bool) -> None:
        assert seconds >= 0
        self.events.append(("finished", name, failed))


def test_steps_are_reported_and_timed() -> None:
    heard = Heard()
    progress.install(heard)
    with progress.step("load"):
        progress.advance("load", 1, 2)
        progress.say("half of it")
    with pytest.raises(ValueError), progress.step("check"):
        raise ValueError
    with progress.step("load"):
        pass
    seconds = progress.seconds_per_step()
    progress.install(None)
    assert heard.events == [
        ("started", "load"),
        ("advanced", "load", 1, 2),
        ("said", "half of it"),
        ("finished", "load", False),
        ("started", "check"),
        ("finished", "check", True),
        ("started", "load"),
        ("finished", "load", False),
    ]
    assert list(seconds) == ["load", "check"]
    assert progress.seconds_per_step() == {}


def test_silence_without_a_listener(capsys: pytest.CaptureFixture[str]) -> None:
    progress.install(None)
    with progress.step("load"):
        progress.say("not shown")
    assert capsys.readouterr() == ("", "")


def test_plain_lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "PATIENCE", 0.0)
    with bars.listening():
        with pytest.raises(ValueError), progress.step("load"):
            progress.advance("load", 3, 0)
            raise ValueError
        progress.say("[not markup]")
    lines = [line.split(" s  ")[1] for line in capsys.readouterr().out.splitlines()]
    assert lines[:2] == ["load ...", "load: 3"]
    assert lines[2].startswith("load: failed in 0.")
    assert lines[3] == "[not markup]"


def test_bars(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    with bars.listening():
        progress.advance("tests", 1, 3)
        with pytest.raises(ValueError), progress.step("load"):
            progress.advance("load", 3, 7)
            raise ValueError
        progress.say("[not markup]")
        with progress.step("publish"):
            progress.advance("publish", 6, 7)
    out = capsys.readouterr().out.replace("\n", "\r\n")  # as a terminal's driver does
    assert "tests" in out and "1/3" in out
    shown = [" ".join(line.split()) for line in Screen(80).feed(out).lines]
    assert shown == [
        "x load 3/7 0.0 s failed",
        "[not markup]",
        "✓ publish 7/7 0.0 s",  # it ended well, so all of it was done
    ]
    progress.say("not shown")


REDIRECTED = """
import os, sys, time
from dagster_project import progress
from dagster_project.cli import bars

with bars.listening():
    terminal = os.dup(1)
    for number in range(6):
        file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, 1)  # as Dagster does while it runs a step
        with progress.step(f"step {number}"):
            progress.say(f"line {number}")
            os.write(1, b"captured")
            time.sleep(0.3)
        os.dup2(terminal, 1)
print("the end")
"""


def test_bars_are_drawn_once_while_standard_output_is_redirected(tmp_path: Path) -> None:
    """On a terminal of few lines, too: what has ended is never drawn again."""
    captured = tmp_path / "captured"
    command = [sys.executable, "-c", REDIRECTED, str(captured)]
    with on_terminal(command, {**os.environ}, ROOT, size=(4, 80)) as running:
        assert running.wait(60) == 0
        shown = [" ".join(line.split()[:3]) for line in running.shown()]
    steps = [(f"line {number}", f"✓ step {number}") for number in range(6)]
    assert shown == [*(line for pair in steps for line in pair), "the end"]
    assert captured.read_text() == "captured" * 6


def test_tables(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show(
        terminal.Table("Empty", ["a"], []),
        terminal.Table("Full", ["name", "count"], [("é", 12345), (None, None), ("b", 0.25)]),
    )
    assert capsys.readouterr().out == (
        "\nFull\n  name   count\n  ----  ------\n  é     12 345\n\n  b        0.2\n"
    )
