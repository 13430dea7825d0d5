"""The operating-system side of the worker: its environment, and threads that move its lines.
Belongs here: what would be the same for any child process that talks in lines. Does not belong
here: the protocol and its errors (`client.py`, `worker.py`)."""

from __future__ import annotations

import contextlib
import os
import queue
import re
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import IO

PACKAGE_PARENT = Path(__file__).resolve().parents[2]
QUIET = {
    "GX_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore",
}


def without_values(lines: Sequence[str]) -> list[str]:
    """What of a traceback can hold no data: the frames, and the classes of errors."""
    kept = []
    for line in lines:
        frame = re.match(r'\s*File "[^"]*", line \d+', line)
        name = re.match(r"(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Killed)\b", line)
        found = frame or name or re.match(r"Killed|Segmentation fault|Fatal Python error", line)
        if found:
            kept.append(found.group(0))
    return kept


def child_environment() -> dict[str, str]:
    """This process's environment, handed on rather than read: without the project's settings,
    which the worker does not need (one is a key), with GX's telemetry off."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LIFECYCLE_")}
    path = os.pathsep.join(filter(None, [str(PACKAGE_PARENT), inherited.get("PYTHONPATH")]))
    return {**inherited, **QUIET, "PYTHONPATH": path}


def write_line(stream: IO[str] | None, line: str) -> None:
    """Writes one line; a stream that is closed meanwhile is no error."""
    with contextlib.suppress(ValueError, OSError):  # gone, or closed while writing
        if stream is not None:
            stream.write(line + "\n")
            stream.flush()


def read_lines(stream: IO[str] | None, answers: queue.Queue[str | None]) -> None:
    """Queues every line of a stream, then None."""
    with contextlib.suppress(ValueError, OSError):  # closed while reading: the worker is stopped
        for line in stream or ():
            answers.put(line)
    answers.put(None)


def keep_tail(stream: IO[str] | None, tail: deque[str]) -> None:
    """Drains a stream, keeping as many last lines as `tail` holds."""
    with contextlib.suppress(ValueError, OSError):
        for line in stream or ():
            tail.append(line.rstrip("\n"))
