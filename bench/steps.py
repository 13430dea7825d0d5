"""What a build reports. Belongs here: reading the lines that `lifecycle build` prints, and dbt's run
results. Does not belong here: running either, or where the results are (`product.py`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

_LINE = re.compile(r"^\s*(?P<at>\d+\.\d) s  (?P<text>.*)$")
_STARTED = re.compile(r"^(?P<name>.+) \.\.\.$")
_DONE = re.compile(r"^(?P<name>.+): (done|failed) in \d+\.\d s$")


@dataclass(frozen=True)
class Step:
    """One step of a build, in seconds since the command was started."""

    name: str
    begin: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.begin


def read_steps(lines: Iterable[tuple[float, str]]) -> list[Step]:
    """The steps in the order in which they began, without those that never ended."""
    open_steps: dict[str, float] = {}
    steps: list[Step] = []
    for at, line in lines:
        shown = _LINE.match(line)
        if shown is None:
            continue
        started, done = _STARTED.match(shown["text"]), _DONE.match(shown["text"])
        if started is not None:
            open_steps[started["name"]] = at
        elif done is not None and done["name"] in open_steps:
            steps.append(Step(done["name"], open_steps.pop(done["name"]), at))
    return sorted(steps, key=lambda step: step.begin)


def account(steps: Sequence[Step], wall: float) -> list[tuple[str, float]]:
    """Where the wall time of a command went: each step, the time before the first and after the last, the
    longest gap between steps, and the other gaps together. The entries add up to `wall`: of two steps at
    the same time, the later one counts from where the earlier one ended."""
    if not steps:
        return [("no step was reported", wall)]
    entries: dict[str, float] = {}
    gaps: list[tuple[float, str]] = []
    reached, before = steps[0].begin, steps[0].name
    for step in steps:
        if step.begin > reached:
            gaps.append((step.begin - reached, f"Dagster, between {before} and {step.name}"))
        own = max(step.end - max(step.begin, reached), 0.0)
        entries[step.name] = entries.get(step.name, 0.0) + own
        if step.end > reached:
            reached, before = step.end, step.name
    gaps.sort(reverse=True)
    return [
        ("interpreter and command line", steps[0].begin),
        *entries.items(),
        *((name, seconds) for seconds, name in gaps[:1]),
        ("Dagster, between other steps", sum(seconds for seconds, _ in gaps[1:])),
        ("end of the run, summary, exit", max(wall - reached, 0.0)),
    ]


def first_moment(lines: Sequence[tuple[float, str]], beginning: str) -> float | None:
    """When the first line whose message begins so was printed, in seconds since the start."""
    for at, line in lines:
        shown = _LINE.match(line)
        if shown is not None and shown["text"].startswith(beginning):
            return at
    return None


@dataclass(frozen=True)
class DbtTimes:
    """Seconds by dbt's run results. `model_sum` adds up the models, so two at a time count twice;
    `model_wall` is the time in which at least one was being built. `test_sum` adds up the tests. `span` is
    the time from the first to the last node of a command, added up over commands."""

    elapsed: float
    span: float
    model_count: int
    model_sum: float
    model_wall: float
    test_count: int
    test_sum: float
    slowest: tuple[tuple[str, float], ...]


def read_dbt_times(*run_results: Path, slowest: int = 10) -> DbtTimes:
    """The times of dbt's commands, added up, from the results that each of them wrote."""
    documents = [json.loads(path.read_text()) for path in run_results]
    results = [result for document in documents for result in document["results"]]
    models = [one for one in results if one["unique_id"].startswith("model.")]
    tests = [one for one in results if one["unique_id"].startswith("test.")]
    ranked = sorted(models, key=lambda one: -float(one["execution_time"]))
    return DbtTimes(
        elapsed=sum(float(document["elapsed_time"]) for document in documents),
        span=sum(_span(document["results"]) for document in documents),
        model_count=len(models),
        model_sum=sum(float(one["execution_time"]) for one in models),
        model_wall=covered([_interval(one["timing"]) for one in models if one["timing"]]),
        test_count=len(tests),
        test_sum=sum(float(one["execution_time"]) for one in tests),
        slowest=tuple(
            (one["unique_id"].split(".")[-1], float(one["execution_time"]))
            for one in ranked[:slowest]
        ),
    )


def covered(intervals: Iterable[tuple[float, float]]) -> float:
    """The length of the union of (begin, end) intervals."""
    total, reached = 0.0, float("-inf")
    for begin, end in sorted(intervals):
        total += max(end - max(begin, reached), 0.0)
        reached = max(reached, end)
    return total


def _span(results: list[dict[str, Any]]) -> float:
    intervals = [_interval(one["timing"]) for one in results if one["timing"]]
    return max(end for _, end in intervals) - min(begin for begin, _ in intervals)


def _interval(timing: list[dict[str, str]]) -> tuple[float, float]:
    moments = [_seconds(part[name]) for part in timing for name in ("started_at", "completed_at")]
    return min(moments), max(moments)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
