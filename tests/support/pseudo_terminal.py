"""A command on a terminal, as a person sees it. Belongs here: a pseudo-terminal with keys to press, and what a
screen shows after the bytes that arrived. Does not belong here: any expectation."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

INTERRUPT = b"\x03"
PRINTED = re.compile(r"\x1b\[(\??[0-9;]*)([A-Za-z])|([\r\n\b])|([^\x1b\r\n\b]+)|\x1b.")


class Screen:
    """The lines that a terminal shows, with those that scrolled off: text, line feed, carriage return, and
    the sequences with which bars are drawn again (cursor up and down, erase line, erase below)."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._lines: list[str] = [""]
        self._row = self._column = 0

    def feed(self, text: str) -> Screen:
        """Shows the text; gives itself."""
        for parameters, command, control, shown in PRINTED.findall(text):
            if shown:
                self._put(shown)
            elif control == "\n":
                self._down(1)
            elif control == "\r":
                self._column = 0
            elif control == "\b":
                self._column = max(0, self._column - 1)
            elif command:
                self._obey(command, parameters)
        return self

    @property
    def lines(self) -> list[str]:
        """What is shown, without empty ends of lines and of the screen."""
        return "\n".join(line.rstrip() for line in self._lines).rstrip("\n").split("\n")

    def _put(self, text: str) -> None:
        for letter in text:
            if self._column == self._columns:
                self._column = 0
                self._down(1)
            line = self._lines[self._row].ljust(self._column)
            self._lines[self._row] = line[: self._column] + letter + line[self._column + 1 :]
            self._column += 1

    def _down(self, count: int) -> None:
        self._row += count
        while self._row >= len(self._lines):
            self._lines.append("")

    def _obey(self, command: str, parameters: str) -> None:
        number = int(parameters) if parameters.isdigit() else 0
        line = self._lines[self._row]
        if command == "A":
            self._row = max(0, self._row - max(1, number))
        elif command == "B":
            self._down(max(1, number))
        elif command == "G":
            self._column = max(0, number - 1)
        elif command == "K":
            kept = (line[: self._column], line[self._column + 1 :], "")[number]
            self._lines[self._row] = kept.rjust(len(line)) if number == 1 else kept
        elif command == "J" and number == 0:
            self._lines[self._row] = line[: self._column]
            del self._lines[self._row + 1 :]


class OnTerminal:
    """A running command whose input and output are a terminal of its own."""

    def __init__(self, pid: int, terminal: int, columns: int) -> None:
        self.pid, self._terminal, self._columns = pid, terminal, columns
        self.output = ""
        self._undecoded = b""

    def wait_for(self, text: str, seconds: float = 120) -> None:
        """Reads until the text was printed. Raises TimeoutError with what was shown, also when the command
        ends before."""
        end = time.monotonic() + seconds
        while text not in self.output:
            if time.monotonic() > end or not self._read(end):
                raise TimeoutError(f"no {text!r} in:\n" + "\n".join(self.shown()))

    def wait(self, seconds: float = 120) -> int:
        """Reads to the end; gives the exit code (minus the signal that ended it). Raises TimeoutError."""
        end = time.monotonic() + seconds
        while self._read(end):
            if time.monotonic() > end:
                raise TimeoutError("it does not end:\n" + "\n".join(self.shown()))
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def press(self, keys: bytes) -> None:
        """Types keys; control and C interrupts everything that runs on the terminal."""
        os.write(self._terminal, keys)

    def shown(self) -> list[str]:
        """What the screen shows now, with what scrolled off."""
        return Screen(self._columns).feed(self.output).lines

    def _read(self, end: float) -> bool:
        """Whether there may be more to read."""
        if not select.select([self._terminal], [], [], max(0.0, end - time.monotonic()))[0]:
            return True
        try:
            data = os.read(self._terminal, 65536)
        except OSError:  # as Linux ends it
            return False
        self._undecoded += data
        whole = self._undecoded.decode(errors="ignore")
        self.output += whole
        self._undecoded = self._undecoded[len(whole.encode()) :]
        return bool(data)


@contextmanager
def on_terminal(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, *, size: tuple[int, int]
) -> Iterator[OnTerminal]:
    """Runs a command on a terminal of `size` lines and columns; whatever is left of it is killed at the end."""
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.chdir(folder)
            os.execve(command[0], list(command), {**environment, "TERM": "xterm-256color"})
        finally:
            os._exit(127)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    try:
        yield OnTerminal(pid, terminal, size[1])
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
        os.close(terminal)
