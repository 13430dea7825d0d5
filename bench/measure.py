"""Running one command and measuring it. Belongs here: wall and CPU time, peak memory, and when which line
was printed. Does not belong here: which command, or what its lines mean (`steps.py`)."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LAST_LINES = 15
PROGRESS = "%|"  # a bar of tqdm, redrawn


class BenchmarkError(Exception):
    """A command that was to be measured did not do its work. The message names it and the reason."""


@dataclass(frozen=True)
class Run:
    """One finished command. `wall` and `cpu` are seconds; CPU is user and system time of the process
    and of all its children; `peak_bytes` is the largest resident size of any one of them; `lines` are
    (seconds since the start, text) of everything printed to stdout."""

    wall: float
    cpu: float
    peak_bytes: int
    lines: tuple[tuple[float, str], ...]


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    on_start: Callable[[int], None] | None = None,
) -> Run:
    """Runs a command to its end; `on_start` is called with its process id. Raises BenchmarkError when its
    exit code is not 0, as the time of unfinished work is no measurement."""
    lines: list[tuple[float, str]] = []
    with tempfile.TemporaryFile("w+") as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(
            list(command),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            bufsize=1,
            env=None if environment is None else dict(environment),
            cwd=folder,
        )
        assert process.stdout is not None
        if on_start is not None:
            on_start(process.pid)
        try:
            for line in process.stdout:
                lines.append((time.perf_counter() - begin, line.rstrip("\n")))
            # wait4 returns what this child and its own children used.
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall = time.perf_counter() - begin
        process.stdout.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        if process.returncode != 0:
            raise BenchmarkError(_complaint(command, process.returncode, lines, errors.read()))
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, tuple(lines))


def _complaint(
    command: Sequence[str], code: int, lines: Sequence[tuple[float, str]], errors: str
) -> str:
    printed = [text for _, text in lines] + errors.splitlines()
    kept = [text for text in printed if text.strip() and PROGRESS not in text][-LAST_LINES:]
    how = (
        f"ended with exit code {code}"
        if code >= 0
        else f"was killed by {signal.Signals(-code).name}"
    )
    return "\n  ".join([f"{' '.join(command[:4])} … {how}:", *(text.strip() for text in kept)])
