"""Intervals: they hold what they say on origins that did not set them, whatever the unit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.forecasting.intervals import coverage, do_hold, learned_widths, spreads
from dagster_project.forecasting.scores import crps, log_score, pinball


def _errors(origins: int, horizon: int, seed: int, power: float = 0.5) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(0.0, 1.0, (origins, horizon))
    errors = drawn * np.arange(1, horizon + 1) ** power
    for row in range(origins):
        errors[row, max(origins - row, 0) :] = np.nan  # not over yet
    return errors


@given(st.integers(0, 50))
@settings(max_examples=25, deadline=None)
def test_an_origin_is_not_judged_by_its_own_errors(seed: int) -> None:
    errors, levels = _errors(12, 6, seed), np.ones((12, 6))
    before = learned_widths(errors, levels, levels[0])
    errors[5] *= 100
    after = learned_widths(errors, levels, levels[0])
    assert before.half_width[5] == pytest.approx(after.half_width[5])
    assert before.spread[5] == pytest.approx(after.spread[5])


@given(st.integers(0, 50), st.integers(-8, 8))
@settings(max_examples=25, deadline=None)
def test_intervals_scale_with_the_unit(seed: int, power: int) -> None:
    errors, levels, unit = _errors(12, 6, seed), np.ones((12, 6)), 2.0**power
    small = learned_widths(errors, levels, levels[0])
    large = learned_widths(errors * unit, levels * unit, levels[0] * unit)
    assert large.half_width == pytest.approx(small.half_width * unit)
    assert large.half_width_now == pytest.approx(small.half_width_now * unit)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_intervals_hold_eight_in_ten(power: float) -> None:
    held, later = [], []
    for seed in range(60):
        errors, levels = _errors(24, 12, seed, power), np.ones((24, 12))
        widths = learned_widths(errors, levels, levels[0])
        known = np.isfinite(errors)
        held.append(coverage((np.abs(errors) <= widths.half_width)[known]))
        new = _errors(40, 12, seed + 1000, power)[0]
        later.append(coverage(np.abs(new) <= widths.half_width_now))
    assert np.mean(held) == pytest.approx(0.8, abs=0.02)
    assert np.mean(later) == pytest.approx(0.8, abs=0.04)


def test_intervals_grow_with_the_months_ahead() -> None:
    widths = learned_widths(_errors(30, 12, 1, 1.0), np.ones((30, 12)), np.ones(12))
    assert (np.diff(widths.half_width_now) > 0).all()
    assert spreads(_errors(30, 12, 1, 1.0), np.ones((30, 12)))[0, 11] > 6


@pytest.mark.parametrize(
    ("held", "outcomes", "holds"),
    [
        *((80, 100, True), (74, 100, False), (86, 100, False), (85, 100, True), (75, 100, True)),
        *((5, 6, True), (4, 6, False), (6, 6, False), (2, 3, True), (3, 3, True), (1, 3, False)),
        *((13, 18, False), (14, 18, True), (0, 0, False), (18, 18, False)),
    ],
)
def test_the_gate_allows_for_few_outcomes(held: int, outcomes: int, holds: bool) -> None:
    assert do_hold(np.arange(outcomes) < held) is holds


@given(st.floats(5.0, 50.0), st.floats(1.0, 10.0), st.floats(0.5, 2.0), st.floats(-5.0, 5.0))
@settings(max_examples=40, deadline=None)
def test_scores_are_lowest_for_the_truth(
    mean: float, spread: float, wider: float, off: float
) -> None:
    drawn = np.random.default_rng(3).normal(mean, spread, 4000)
    whole = np.maximum(np.round(drawn), 0.0)
    for score, actual in (
        (lambda a, m, s: log_score(a, m, s, 1e6), whole),
        (crps, drawn),
    ):
        true = score(actual, np.full(4000, mean), np.full(4000, spread)).mean()
        other = score(actual, np.full(4000, mean + off), np.full(4000, spread * wider)).mean()
        assert true <= other + 0.01 * spread + 0.02


def test_scores_by_hand() -> None:
    assert crps(np.array([3.0]), np.array([1.0]), np.array([0.0]))[0] == pytest.approx(2.0)
    assert crps(np.array([0.0]), np.array([0.0]), np.array([1.0]))[0] == pytest.approx(0.2336949772)
    chances = np.exp(-log_score(np.arange(60.0), np.full(60, 20.0), np.full(60, 4.0), 9.0))
    assert chances.sum() == pytest.approx(1.0, abs=1e-4)
    assert pinball(np.array([3.0]), np.array([1.0]), 0.9)[0] == pytest.approx(1.8)
    assert pinball(np.array([1.0]), np.array([3.0]), 0.9)[0] == pytest.approx(0.2)
