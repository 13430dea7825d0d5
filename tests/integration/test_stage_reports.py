"""Moves, funnel, indicators and forecast of the stages, recomputed from the known truth about the demo
company's people, without the warehouse's stages or orders, and compared exactly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from statistics import median

import pytest

from dagster_project.calibration.reference import THRESHOLDS_FILE
from demo_company.plan import Plan
from demo_company.stages import Interval
from demo_company.truth import Truth, truth
from tests.support.contract import STAGES
from tests.support.delivered import share
from tests.support.installation import Installation

AS_OF = date(2026, 1, 1)
RANKS = {(code, stage): rank for code in STAGES for rank, stage in enumerate(STAGES[code], start=1)}
LOSS = "lost"
LAST = {"relationship": 4, "journey": 5}
Numbers = dict[tuple[object, ...], tuple[object, ...]]


@dataclass(frozen=True)
class Move:
    """One change of stage of one person."""

    person: int
    lifecycle: str
    source: str | None
    target: str
    direction: str
    skipped: int
    days: int | None
    at: datetime


@pytest.fixture(scope="module")
def known() -> Truth:
    return truth(Plan(), AS_OF)


@pytest.fixture(scope="module")
def moves(known: Truth) -> list[Move]:
    found = []
    for person in known.people:
        for lifecycle in STAGES:
            before: Interval | None = None
            for interval in sorted(
                (i for i in person.intervals if i.lifecycle == lifecycle),
                key=lambda i: i.valid_from,
            ):
                direction, skipped = _direction(
                    lifecycle, before.stage if before else None, interval.stage
                )
                days = (interval.valid_from - before.valid_from).days if before else None
                found.append(
                    Move(
                        *(
                            person.number,
                            lifecycle,
                            before.stage if before else None,
                            interval.stage,
                        ),
                        *(direction, skipped, days, interval.valid_from),
                    )
                )
                before = interval
    return found


def test_transitions_are_the_moves_of_every_person(
    demo: Installation, known: Truth, moves: list[Move]
) -> None:
    with demo.private() as connection:
        customers = dict(
            connection.execute(
                "select distinct identifier_type || '=' || identifier, customer_id"
                " from intermediate.int_customer_identifiers"
            ).fetchall()
        )
    with demo.served() as connection:
        rows = connection.execute(
            "select customer_id, lifecycle, transitioned_at, from_stage, to_stage, direction,"
            " skipped_stage_count, days_in_from_stage from lifecycle.fct_customer_stage_transitions"
        ).fetchall()
        unexplained = connection.execute(
            "select count(*) from lifecycle.fct_customer_stage_transitions"
            " where evidence_activity_key is null"
        ).fetchone()
    ids = {p.number: customers["=".join(p.identifiers[0])] for p in known.people if p.is_seen}
    expected = {
        (ids[m.person], m.lifecycle, m.at): (m.source, m.target, m.direction, m.skipped, m.days)
        for m in moves
    }
    assert {row[:3]: row[3:] for row in rows} == expected
    assert {move.direction for move in moves} == {
        *("entered", "forward", "skipped", "regressed", "lost", "won_back")
    }
    assert unexplained == (0,)


def test_funnel_is_that_of_the_truth(demo: Installation, known: Truth, moves: list[Move]) -> None:
    lives: dict[tuple[str, date], list[list[Move]]] = defaultdict(list)
    for life in _lives(moves):
        lives[life[0].lifecycle, _month(life[0].at)].append(life)
    expected: Numbers = {}
    for (lifecycle, cohort), members in lives.items():
        for stage in STAGES[lifecycle]:
            expected[lifecycle, cohort, stage] = _funnel(lifecycle, stage, members)
    with demo.served() as connection:
        rows = connection.execute(
            "select lifecycle, cohort_month, stage, cohort_size, entered_count, converted_count,"
            " skipped_count, regressed_count, lost_count, current_count, entered_rate, conversion_rate,"
            " median_days_to_reach, median_days_in_stage from lifecycle.rpt_lifecycle_funnel"
        ).fetchall()
    assert {row[:3]: row[3:] for row in rows} == expected
    assert sum(row[3] for row in rows if row[2] == "lost") == sum(p.is_seen for p in known.people)


def test_indicators_are_those_of_the_truth(
    demo: Installation, known: Truth, moves: list[Move]
) -> None:
    with demo.served() as connection:
        rows = connection.execute(
            "select lifecycle, stage, month, indicator, value from lifecycle.rpt_stage_kpis"
        ).fetchall()
    revenue = _revenue(known)
    expected: dict[tuple[object, ...], Decimal | None] = {}
    for (lifecycle, stage), month in product(RANKS, _months(moves, known)):
        own = _indicators(lifecycle, stage, month, moves, revenue[lifecycle, stage, month])
        for indicator, value in own.items():
            expected[lifecycle, stage, month, indicator] = value
    assert {row[:4]: row[4] for row in rows} == expected


def test_spells_are_those_of_the_truth(demo: Installation, known: Truth) -> None:
    """The intervals that hold a month-end, person by person, by the first and the last they hold."""
    expected: Counter[tuple[object, ...]] = Counter()
    for person, lifecycle in product(known.people, STAGES):
        own = sorted(
            (one for one in person.intervals if one.lifecycle == lifecycle),
            key=lambda one: one.valid_from,
        )
        held = [
            (interval.stage, first, last)
            for interval in own
            if (first := _month(interval.valid_from)) <= (last := _month_before(interval.valid_to))
        ]
        for number, (stage, first, last) in enumerate(held):
            before = held[number - 1][0] if number else None
            after = held[number + 1][0] if number + 1 < len(held) else None
            expected[lifecycle, stage, before, after, first, last] += 1
    with demo.private() as connection:
        rows = connection.execute(
            "select lifecycle, stage, previous_stage, next_stage, first_month, last_month,"
            " customer_count from intermediate.int_stage_spells"
        ).fetchall()
    assert {row[:6]: row[6] for row in rows} == expected


def test_published_stages_beat_guesses_and_their_intervals_hold(demo: Installation) -> None:
    with demo.served() as connection:
        forecasts = connection.execute(
            "select lifecycle, stage, months_ahead, reason_code, method, expected_customer_count"
            " from lifecycle.rpt_stage_forecast"
        ).fetchall()
        backtest = connection.execute(
            "select lifecycle, stage, count(*), avg(abs(forecast_error)), avg(abs(no_change_error)),"
            " avg(is_within_interval::int), min(known_error_count)"
            " from lifecycle.rpt_stage_forecast_backtest group by all"
        ).fetchall()
        chosen = connection.execute(
            "select forecast, candidate from value.rpt_forecast_candidates"
            " where is_published and forecast in ('stages:journey', 'stages:relationship')"
        ).fetchall()
    assert len(forecasts) == 2 * 5 * 12
    published = {row[:2] for row in forecasts if row[3] == "forecast"}
    assert len(published) >= 5
    assert {row[:2] for row in backtest} == published
    methods = {(f"stages:{row[0]}", row[4]) for row in forecasts if row[3] == "forecast"}
    assert methods == set(chosen)
    for lifecycle, stage, count, error, no_change_error, held, learned_from in backtest:
        assert count == 150, (lifecycle, stage)
        assert error <= no_change_error, (lifecycle, stage)
        assert 0.75 <= held <= 0.85, (lifecycle, stage)
        assert learned_from > 100


def test_calibrate_proposes_and_changes_nothing(demo: Installation) -> None:
    before = THRESHOLDS_FILE.read_bytes()
    outcome = demo.lifecycle("calibrate")
    assert outcome.returncode == 0, outcome.stderr
    assert "lapse_default_days" in outcome.stdout
    assert "Nothing was changed" in outcome.stdout
    assert THRESHOLDS_FILE.read_bytes() == before
    refused = demo.lifecycle("calibrate", "--accept", "luck")
    assert refused.returncode == 2
    assert THRESHOLDS_FILE.read_bytes() == before


def _direction(lifecycle: str, source: str | None, target: str) -> tuple[str, int]:
    step = RANKS[lifecycle, target] - (RANKS[lifecycle, source] if source else 0)
    if source is None:
        return "entered", step - 1
    if LOSS in (source, target):
        return ("lost" if target == LOSS else "won_back"), 0
    if step < 0:
        return "regressed", 0
    return ("forward", 0) if step == 1 else ("skipped", step - 1)


def _month(at: datetime) -> date:
    return at.date().replace(day=1)


def _lives(moves: Iterable[Move]) -> list[list[Move]]:
    lives: dict[tuple[int, str], list[Move]] = defaultdict(list)
    for move in moves:
        lives[move.person, move.lifecycle].append(move)
    return list(lives.values())


def _funnel(lifecycle: str, stage: str, members: list[list[Move]]) -> tuple[object, ...]:
    rank = RANKS[lifecycle, stage]
    count: Counter[str] = Counter()
    reached, days_in_stage = [], []
    for life in members:
        first = next((move for move in life if move.target == stage), None)
        further = [m for m in life if m.target != LOSS and RANKS[lifecycle, m.target] > rank]
        left = {move.direction for move in life if move.source == stage}
        if first is not None:
            reached.append((first.at - life[0].at).days)
            count["converted"] += any(move.at > first.at for move in further)
        count["skipped"] += first is None and bool(further) and stage != LOSS
        count["regressed"] += "regressed" in left
        count["lost"] += "lost" in left
        count["current"] += life[-1].target == stage
        days_in_stage += [
            move.days for move in life if move.source == stage and move.days is not None
        ]
    has_next = rank < LAST[lifecycle]
    return (
        *(len(members), len(reached), count["converted"], count["skipped"], count["regressed"]),
        *(count["lost"], count["current"], len(reached) / len(members)),
        count["converted"] / len(reached) if reached and has_next else None,
        median(reached) if reached else None,
        median(days_in_stage) if days_in_stage else None,
    )


def _months(moves: list[Move], known: Truth) -> list[date]:
    day = min(*(move.at for move in moves), *(order.ordered_at for order in known.orders)).date()
    return list(_walk(day))


def _walk(day: date) -> Iterable[date]:
    month = day.replace(day=1)
    while month < AS_OF:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)


def _indicators(
    lifecycle: str, stage: str, month: date, moves: list[Move], revenue: list[Decimal]
) -> dict[str, Decimal | None]:
    own = [m for m in moves if m.lifecycle == lifecycle and _month(m.at) <= month]
    now = [move for move in own if _month(move.at) == month]
    at_end = sum(m.target == stage for m in own) - sum(m.source == stage for m in own)
    entries = sum(move.target == stage for move in now)
    exits = [move for move in now if move.source == stage]
    kinds = Counter(move.direction for move in exits)
    onward = kinds["forward"] + kinds["skipped"]
    at_risk = at_end + len(exits)  # = at the start + entries
    rank = RANKS[lifecycle, stage]
    passed = sum(
        m.direction in ("entered", "skipped")
        and RANKS[lifecycle, m.target] - m.skipped <= rank < RANKS[lifecycle, m.target]
        for m in now
    )
    values = {
        "customers_at_month_end": at_end,
        "entries": entries,
        "exits": len(exits),
        "onward_moves": onward,
        "conversion_rate": share(onward, at_risk) if rank < LAST[lifecycle] else None,
        "skips": passed,
        "regressions": kinds["regressed"],
        "losses": kinds["lost"],
        "win_backs": kinds["won_back"],
        "median_days_in_stage": median(m.days or 0 for m in exits) if exits else None,
        "orders": len(revenue),
        "net_revenue": sum(revenue, Decimal(0)),
    }
    return {name: None if value is None else _rounded(value) for name, value in values.items()}


def _rounded(value: float | Decimal) -> Decimal:
    return Decimal(value).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def _revenue(known: Truth) -> dict[tuple[str, str, date], list[Decimal]]:
    """Net amounts of counted orders by the stage their customer was in just after the order."""
    found: dict[tuple[str, str, date], list[Decimal]] = defaultdict(list)
    people = {person.number: person for person in known.people}
    for order in known.orders:
        if order.is_counted and order.person is not None:
            for interval in people[order.person].intervals:
                if interval.valid_from <= order.ordered_at < (interval.valid_to or datetime.max):
                    key = interval.lifecycle, interval.stage, _month(order.ordered_at)
                    found[key].append(order.net)
    return found


def _month_before(moment: datetime | None) -> date:
    """The last month that is over at this moment, or as of the build."""
    day = moment.date() if moment else AS_OF
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)
