"""Progress reaches whoever listens, and the seconds of every step are kept."""

from __future__ import annotations

import pytest

from dagster_project import progress
from dagster_project.cli import terminal


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


def test_steps_are_told_and_timed() -> None:
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
        progress.say("nobody hears")
    assert capsys.readouterr() == ("", "")


def test_plain_lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "PATIENCE", 0.0)
    with terminal.listening():
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
    with terminal.listening():
        progress.advance("tests", 1, 3)
        with pytest.raises(ValueError), progress.step("load"):
            raise ValueError
        progress.say("[not markup]")
    out = capsys.readouterr().out
    assert "tests" in out and "1/3" in out and "load: failed" in out and "[not markup]" in out
    progress.say("nobody hears")


def test_tables(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show(
        terminal.Table("Empty", ["a"], []),
        terminal.Table("Full", ["name", "count"], [("é", 12345), (None, None), ("b", 0.25)]),
    )
    assert capsys.readouterr().out == (
        "\nFull\n  name   count\n  ----  ------\n  é     12 345\n\n  b        0.2\n"
    )
