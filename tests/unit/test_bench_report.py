"""A claim that does not hold must be reported, and makes the benchmark fail. Belongs here: verdicts, arguments,
and measuring a command. Does not belong here: a scenario, which takes minutes."""

from __future__ import annotations

import hmac
import sys
from pathlib import Path

import duckdb
import pytest

from bench import claims
from bench.__main__ import parse
from bench.baseline.run import padded_keys
from bench.measure import BenchmarkError, Run, run
from bench.report import Claim, Report, claims_table, shares_table
from bench.size_tables import steps_table
from bench.watch import Sample, Watched


@pytest.mark.parametrize(
    ("value", "is_judged", "verdict"),
    [(2.0, True, "ok"), (2.01, True, "fail"), (2.01, False, "miss"), (1.0, False, "ok")],
)
def test_a_claim_holds_up_to_its_bound(value: float, is_judged: bool, verdict: str) -> None:
    claim = Claim("it is quick", value, 2.0, is_judged=is_judged)
    assert claim.verdict == verdict
    assert Report([claim]).fails is (verdict == "fail")
    assert claims_table([claim]).rows[0][0] == verdict


def test_trouble_fails_without_any_number() -> None:
    assert Report(troubles=["a mart differs"]).fails


def test_shares_end_with_their_sum() -> None:
    assert shares_table("t", [("a", 1.0), ("b", 3.0)]).rows[-1] == ("all", 4.0, 100.0)


def _watched(name: str, wall: float, cpu: float) -> Watched:
    return Watched(name, Run(wall, cpu, 0, ()), [Sample(0, 0, 0, 0, 0)], 0)


def test_time_that_grows_faster_than_records_fails() -> None:
    report = Report()
    small = claims.Built(1_000, _watched("full", 10, 10))
    large = claims.Built(100_000, _watched("full", 200, 1_500))
    claims.of_growth(report, "L", {"M": small, "L": large})
    claims.of_growth(report, "M", {"M": small, "L": large})
    assert [(claim.value, claim.verdict) for claim in report.claims] == [(0.2, "ok"), (1.5, "fail")]


def test_gaps_between_steps_are_one_row() -> None:
    lines = (
        (1.0, "    0.0 s  load Dagster ..."),
        (2.0, "    1.0 s  load Dagster: done in 1.0 s"),
        (4.0, "    3.0 s  publish ..."),
        (5.0, "    4.0 s  publish: done in 1.0 s"),
    )
    samples = [Sample(at, at, round(at) * 1024**2, 0, 0) for at in (0.0, 1.0, 2.0, 4.0, 5.0, 6.0)]
    rows = steps_table("t", Watched("build", Run(6.0, 6.0, 0, lines), samples, 0)).rows
    assert [row[:4] for row in rows] == [
        ("load Dagster", 1.0, 1.0, 2),
        ("publish", 1.0, 1.0, 5),
        ("between steps", 3.0, 3.0, 4),
        ("end of the run, exit", 1.0, 1.0, 6),
    ]


def test_an_incremental_run_is_compared_with_each_peer_that_ran() -> None:
    report = Report()
    builds = {"full": _watched("full", 100, 0), "1.0%": _watched("incremental", 30, 0)}
    claims.of_peers(report, "M", builds, [_watched("pandas alone", 60, 0)])
    assert [(claim.text, claim.value) for claim in report.claims] == [
        ("M: incremental run, 1.0% of customers / pandas alone (wall)", 0.5)
    ]


def test_a_run_has_its_time_memory_and_lines() -> None:
    script = "import time; print('first'); time.sleep(0.2); sum(range(10**6)); print('last')"
    measured = run([sys.executable, "-u", "-c", script])
    assert [text for _, text in measured.lines] == ["first", "last"]
    assert measured.lines[1][0] - measured.lines[0][0] >= 0.2
    assert measured.wall >= 0.2
    assert 0 < measured.cpu < 10
    assert measured.peak_bytes > 1024**2


def test_a_command_that_fails_is_no_measurement() -> None:
    script = "import sys; print('the disk is full', file=sys.stderr); sys.exit(3)"
    with pytest.raises(BenchmarkError, match=r"(?s)exit code 3.*the disk is full"):
        run([sys.executable, "-c", script])


def test_a_command_that_was_killed_is_reported_so_without_progress_bars() -> None:
    script = "import os; print('reading'); print(' 50%|█████     | 1/2', flush=True); os.kill(os.getpid(), 9)"
    with pytest.raises(BenchmarkError, match=r"was killed by SIGKILL:\n  reading$"):
        run([sys.executable, "-c", script])


@pytest.mark.parametrize("arguments", [["nonsense"], ["--rounds", "0"], ["--rounds", "many"]])
def test_unusable_arguments_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(arguments)
    assert "error" in capsys.readouterr().err


def test_all_scenarios_run_unless_chosen() -> None:
    assert parse([]).scenarios == ["demo", "complete_journey", "sizes"]
    assert parse(["demo", "--folder", "x"]).folder == Path("x")


def test_the_baseline_computes_the_same_pseudonym_as_python() -> None:
    inner, outer = padded_keys(b"benchmark")
    row = duckdb.execute(
        f"select sha256({outer} || unhex(sha256({inner} || encode('contact_id:s:1'))))"
    ).fetchone()
    assert row == (hmac.digest(b"benchmark", b"contact_id:s:1", "sha256").hex(),)
