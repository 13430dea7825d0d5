"""What the benchmark reads out of a build's lines and of dbt's results. Belongs here: reading and adding up.
Does not belong here: any build."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.steps import Step, account, covered, first_moment, read_dbt_times, read_steps

LINES = [
    (0.3, "    0.0 s  systems: demo; home: /tmp/home"),
    (0.3, "    0.0 s  load Dagster ..."),
    (5.3, "    5.0 s  load Dagster: done in 5.0 s"),
    (9.3, "    9.0 s  ingest demo ..."),
    (9.8, "    9.5 s  ingest demo: 10 of 70"),
    (10.3, "   10.0 s  ingest demo: done in 1.0 s"),
    (10.8, "   10.5 s  publish ..."),
    (12.8, "   12.5 s  publish: failed in 2.0 s"),
    (12.9, "Time"),
]


def test_steps_have_the_moments_at_which_their_lines_came() -> None:
    assert read_steps(LINES) == [
        Step("load Dagster", 0.3, 5.3),
        Step("ingest demo", 9.3, 10.3),
        Step("publish", 10.8, 12.8),
    ]


def test_a_step_that_never_ended_is_left_out() -> None:
    assert read_steps(LINES[:4]) == [Step("load Dagster", 0.3, 5.3)]


def test_the_account_adds_up_to_the_wall_time() -> None:
    entries = account(read_steps(LINES), wall=13.0)
    assert sum(each for _, each in entries) == pytest.approx(13.0)
    seconds = dict(entries)
    assert seconds["Dagster, between load Dagster and ingest demo"] == pytest.approx(4.0)
    assert seconds["Dagster, between other steps"] == pytest.approx(0.5)
    assert seconds["interpreter and command line"] == pytest.approx(0.3)


def test_a_step_inside_another_is_counted_once() -> None:
    steps = [Step("outer", 0.0, 10.0), Step("inner", 2.0, 4.0), Step("over the end", 9.0, 12.0)]
    entries = dict(account(steps, wall=12.0))
    assert (entries["outer"], entries["inner"], entries["over the end"]) == (10.0, 0.0, 2.0)


def test_a_build_that_reported_no_step_is_one_entry() -> None:
    assert account([], wall=3.0) == [("no step was reported", 3.0)]


@pytest.mark.parametrize(("beginning", "moment"), [("", 0.3), ("ingest ", 9.3), ("no such", None)])
def test_first_moment_is_when_the_line_came(beginning: str, moment: float | None) -> None:
    assert first_moment(LINES, beginning) == moment


def test_covered_counts_what_overlaps_once() -> None:
    assert covered([(4.0, 5.0), (0.0, 2.0), (1.0, 3.0), (1.5, 1.8)]) == pytest.approx(4.0)
    assert covered([]) == 0.0


def _result(unique_id: str, begin: int, end: int) -> dict[str, object]:
    timing = [
        {
            "name": "execute",
            "started_at": f"2026-01-01T00:00:{begin:02}.000000Z",
            "completed_at": f"2026-01-01T00:00:{end:02}.000000Z",
        }
    ]
    return {"unique_id": unique_id, "execution_time": end - begin, "timing": timing}


def test_dbt_times_add_up_models_and_tests_apart(tmp_path: Path) -> None:
    results = [
        _result("model.p.a", 0, 4),
        _result("model.p.b", 2, 5),
        _result("test.p.c", 5, 6),
        _result("seed.p.d", 6, 9),
    ]
    path = tmp_path / "run_results.json"
    path.write_text(json.dumps({"elapsed_time": 9.5, "results": results}))
    times = read_dbt_times(path, slowest=1)
    assert (times.model_count, times.model_sum, times.model_wall) == (2, 7.0, 5.0)
    assert (times.test_count, times.test_sum, times.elapsed) == (1, 1.0, 9.5)
    assert times.span == 9.0
    assert times.slowest == (("a", 4.0),)
