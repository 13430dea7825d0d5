"""The stages' forecast: populations add up, and in worlds whose best forecast is known it is found."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.forecasting import arrivals, baselines, stages
from dagster_project.forecasting.gate import Gated, gated
from dagster_project.forecasting.scores import log_score
from dagster_project.forecasting.spells import Spells
from dagster_project.forecasting.vocabulary import Reason
from tests.unit.forecasting import worlds

HORIZON = 12


def _baselines_of(history: np.ndarray) -> Gated:
    return gated(worlds.rolled_stocks(history), log_score)


def _spells(spells: Spells) -> Gated:
    return gated(stages.rolled(spells, ["waiting", "gone"], 6, HORIZON), log_score)


@given(st.integers(0, 30), st.sampled_from([1, 5, 20, 29]), st.sampled_from([None, 3, 7]))
@settings(max_examples=30, deadline=None)
def test_moved_customers_add_up(seed: int, origin: int, leaves_at: int | None) -> None:
    spells = worlds.lives(30, 15, seed, leaves_at)
    coming = baselines.year_mean(spells.arrived[:, : origin + 1], HORIZON)
    expected = stages.moving(spells, origin, HORIZON, stages.tenure_rates, baselines.year_mean)
    there = spells.populations[:, origin].sum() + np.cumsum(coming.sum(axis=0))
    assert expected.sum(axis=0) == pytest.approx(there)
    assert (expected >= -1e-9).all()


@given(st.integers(0, 30))
@settings(max_examples=20, deadline=None)
def test_only_what_the_origin_knows_is_read(seed: int) -> None:
    spells = worlds.lives(30, 15, seed, 5)
    known = spells.first <= 14
    last = np.minimum(spells.last, 14)[known]
    cut = Spells(
        *(2, 15, spells.stage[known], spells.first[known], last),
        np.where(spells.last[known] < 14, spells.following[known], -1),
        *(spells.is_new[known], spells.count[known]),
    )
    for forecast in stages.CANDIDATES.values():
        assert forecast(spells, 14, HORIZON) == pytest.approx(forecast(cut, 14, HORIZON))


@given(st.integers(0, 30))
@settings(max_examples=10, deadline=None)
def test_every_candidate_sums_to_the_lifecycle(seed: int) -> None:
    """Baselines are lines of the whole, too: their stages sum to the same guess for all customers."""
    spells = worlds.lives(30, 15, seed, 5)
    whole = spells.populations.sum(axis=0, keepdims=True)
    for candidate, guess in baselines.STOCKS.items():
        expected = stages.CANDIDATES[candidate](spells, 20, HORIZON).sum(axis=0)
        of_all = baselines.not_below_zero(guess(whole[:, :21], HORIZON))[0]
        assert expected == pytest.approx(of_all), candidate


def test_customers_leave_by_how_long_they_have_been_there() -> None:
    held = np.array([[100.0, 100.0, 100.0, 0.0], [0.0] * 4])
    moved = np.zeros((2, 4, 2))
    moved[0, 2, 1] = 90
    rates = stages.tenure_rates(held, moved)
    assert rates[0, :3, 1] == pytest.approx([0, 0, 0.9], abs=0.03)
    assert rates[0, 3, 1] == pytest.approx(rates[0, 2, 1])  # nobody was there so long
    assert rates[1] == pytest.approx(0)
    assert stages.pooled_rates(held, moved)[0, :, 1] == pytest.approx(0.3)


def test_rates_that_do_not_depend_on_the_time_are_pooled() -> None:
    held = np.full((1, 8), 40.0)
    moved = np.random.default_rng(4).binomial(40, 0.2, (1, 8))[:, :, None] * np.array([0.0])
    assert stages.tenure_rates(held, moved) == pytest.approx(0)
    two = np.zeros((2, 8, 2))
    two[0, :, 1] = [8, 7, 9, 8, 8, 7, 8, 9]
    found = stages.tenure_rates(np.vstack([held, 0 * held]), two)[0, :, 1]
    assert found == pytest.approx(0.2, abs=0.01)


def test_arrivals_have_a_trend_a_season_or_fade() -> None:
    rising = np.arange(24.0)[None, :] * 3
    assert arrivals.trend(rising, 2)[0] == pytest.approx([72, 75])
    wave = np.tile(np.arange(12.0), 2)[None, :] + 1
    assert arrivals.season(wave, 3)[0] == pytest.approx([1, 2, 3])
    fading = (1000 * 0.5 ** np.arange(12.0))[None, :]
    assert arrivals.fading(fading, 2)[0] == pytest.approx(
        1000 * 0.5 ** np.array([12.0, 13]), rel=0.2
    )
    assert arrivals.fading(rising, 1)[0] == pytest.approx([66])  # the last three months: never more


@pytest.mark.parametrize("seed", range(5))
def test_of_a_random_walk_no_line_is_published(seed: int) -> None:
    assert _baselines_of(worlds.random_walk(40, seed, step=25.0)).method == "no_change"


@pytest.mark.parametrize("seed", range(5))
def test_growth_is_a_straight_line(seed: int) -> None:
    assert _baselines_of(worlds.line(30, seed)).method in ("straight_line", "fitted_line")


@pytest.mark.parametrize("seed", range(5))
def test_a_season_is_the_same_months_last_year(seed: int) -> None:
    found = _baselines_of(worlds.season(40, seed))
    assert found.method in ("same_months_last_year", "same_changes_last_year")


@pytest.mark.parametrize("seed", range(3))
def test_exits_by_tenure_are_found(seed: int) -> None:
    found = _spells(worlds.lives(48, 30, seed, leaves_at=5))
    assert found.method is not None
    assert found.method.startswith("tenure")


@pytest.mark.thorough
def test_what_is_published_holds_on_what_comes_after() -> None:
    """Twenty random walks, cut off a year before their end: of the published intervals about 80 % hold in
    that year."""
    held, published = [], 0
    for seed in range(40):
        history = worlds.random_walk(48, seed)
        gate = _baselines_of(history[:, :36])
        after = history[:, 36:].T
        for place, name in enumerate(gate.rolled.series):
            if gate.series[name].reason is Reason.FORECAST:
                published += 1
                series = gate.series[name]
                within = (after[:, place] >= series.low_now) & (after[:, place] <= series.high_now)
                held.append(within.mean())
    assert published >= 60
    assert 0.7 <= np.mean(held) <= 0.9


def test_a_series_that_loses_to_a_baseline_is_not_published() -> None:
    """One series is constant and the others grow: the line is chosen for all."""
    history = worlds.line(30, 1, series=4)
    flat = np.round(300 + np.random.default_rng(2).normal(0, 3, 30))
    flat[:12] += 12 * np.arange(12)[::-1]
    found = _baselines_of(np.vstack([history, flat[None, :]]))
    reasons = Counter(str(series.reason) for series in found.series.values())
    assert found.method in ("straight_line", "fitted_line")
    assert found.series["s4"].reason is Reason.WORSE_THAN_BASELINE, reasons


def test_a_stage_that_nobody_is_ever_in_has_nothing_to_forecast() -> None:
    found = _baselines_of(np.vstack([worlds.line(30, 1, series=2), np.zeros((1, 30))]))
    assert found.series["s2"].reason is Reason.NEVER_VARIED


def test_a_short_history_gives_no_forecast_but_a_reason() -> None:
    for months in range(1, 9):
        found = _baselines_of(worlds.line(months, 1))
        assert (found.method, found.choice.reason) == (None, Reason.HISTORY_TOO_SHORT), months
    found = _baselines_of(worlds.line(9, 1))
    assert (found.choice.reason, found.judged_months) == (Reason.FORECAST, 1)


def test_the_same_history_gives_the_same_forecast() -> None:
    spells = worlds.lives(30, 15, 3, 5)
    order = np.random.default_rng(1).permutation(len(spells.stage))
    other = Spells(
        *(2, 30),
        *(column[order] for column in (spells.stage, spells.first, spells.last, spells.following)),
        *(spells.is_new[order], spells.count[order]),
    )
    first, second = _spells(spells), _spells(other)
    assert first.method == second.method
    assert (first.scores == second.scores).all()
