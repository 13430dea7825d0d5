"""Watching a command while it runs. Belongs here: CPU time, memory and bytes of a process and all its
descendants, sampled from /proc (Linux). Does not belong here: what happened at which moment (`steps.py`)."""

from __future__ import annotations

import os
import threading
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bench.measure import Run
from bench.report import MEGABYTE

EVERY_SECONDS = 0.25
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Sample:
    """All processes of a command together. `at` and `cpu` are seconds since its start; `memory` is what is
    resident then; `read` and `written` are bytes asked of the file system so far, its cache included."""

    at: float
    cpu: float
    memory: int
    read: int
    written: int

    def megabytes(self) -> tuple[int, int, int]:
        """Memory, read and written."""
        return self.memory // MEGABYTE, self.read // MEGABYTE, self.written // MEGABYTE


@dataclass(frozen=True)
class Watched:
    """A finished command, what all its processes used meanwhile, and the bytes that its folder holds."""

    name: str
    run: Run
    samples: list[Sample]
    disk: int

    def whole(self) -> Sample:
        """From its start to its end."""
        return between(self.samples, 0, self.run.wall)


class _Seen(NamedTuple):
    """One process. Its bytes include those of processes that it waited for; its CPU time is its own."""

    cpu: float
    memory: int
    read: int
    written: int


class Watch:
    """Samples a process tree in a thread, from `start(pid)` until `stop()`."""

    def __init__(self) -> None:
        self.samples: list[Sample] = [Sample(0, 0, 0, 0, 0)]
        self._cpu: dict[int, float] = {}
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, pid: int) -> None:
        """Begins watching a process and all that it starts."""
        self._thread = threading.Thread(target=self._watch, args=(pid,), daemon=True)
        self._thread.start()

    def stop(self) -> list[Sample]:
        """Ends watching and returns the samples."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        return self.samples

    def _watch(self, pid: int) -> None:
        begin = time.perf_counter()
        while not self._over.wait(EVERY_SECONDS):
            seen = {one: found for one in _family(pid) if (found := _look(one)) is not None}
            # A process that has ended keeps the CPU time of its last sample. Its bytes are added to the process
            # that waited for it; without such a process, the last sum is kept.
            self._cpu.update({one: found.cpu for one, found in seen.items()})
            last = self.samples[-1]
            self.samples.append(
                Sample(
                    time.perf_counter() - begin,
                    sum(self._cpu.values()),
                    sum(one.memory for one in seen.values()),
                    max(last.read, sum(one.read for one in seen.values())),
                    max(last.written, sum(one.written for one in seen.values())),
                )
            )


def between(samples: Sequence[Sample], begin: float, end: float) -> Sample:
    """What was used between two moments; `memory` is the most that was resident, `at` the duration."""
    first, last = _nearest(samples, begin), _nearest(samples, end)
    inside = [one.memory for one in samples if begin <= one.at <= end]
    return Sample(
        end - begin,
        last.cpu - first.cpu,
        max([first.memory, last.memory, *inside]),
        last.read - first.read,
        last.written - first.written,
    )


def _nearest(samples: Sequence[Sample], at: float) -> Sample:
    return samples[min(bisect_left(samples, at, key=lambda one: one.at), len(samples) - 1)]


def _family(root: int) -> list[int]:
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(") ")[2].split()
            except OSError:
                continue  # it has ended meanwhile
            parents[int(folder.name)] = int(fields[1])
    family = [root]
    for pid in family:
        family.extend(child for child, parent in parents.items() if parent == pid)
    return family


def _look(pid: int) -> _Seen | None:
    folder = Path("/proc") / str(pid)
    try:
        fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        io = dict(line.split(": ") for line in (folder / "io").read_text().splitlines())
    except OSError:
        return None
    cpu = (int(fields[11]) + int(fields[12])) / _TICKS
    return _Seen(cpu, int(fields[21]) * _PAGE, int(io["rchar"]), int(io["wchar"]))
