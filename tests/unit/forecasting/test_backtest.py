"""The choice among candidates: what it depends on, and how often noise is taken for a difference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dagster_project.forecasting.backtest import choose, compare
from dagster_project.forecasting.vocabulary import Candidate, Reason

SIMPLE, LINE = Candidate("simple", True), Candidate("line", True)
MODEL, LARGE = Candidate("model", False), Candidate("large", False)
ALL = [SIMPLE, LINE, MODEL, LARGE]
SCORES = arrays(np.float64, (4, 9), elements=st.floats(0.0, 100.0, width=32))


def _noise(*means: float, origins: int = 30, seed: int = 1) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(0.0, 1.0, (len(means), origins))
    return np.array(means)[:, None] + drawn


def test_the_best_baseline_is_published_with_its_name() -> None:
    found = choose(_noise(10, 8, 8.1, 9), ALL, 3)
    assert (found.winner, found.reason) == (LINE, Reason.FORECAST)


def test_a_model_must_be_better_than_the_baseline_beyond_noise() -> None:
    assert choose(_noise(10, 8, 7.95, 9), ALL, 3).winner == LINE
    assert choose(_noise(10, 8, 6, 9), ALL, 3).winner == MODEL
    assert choose(_noise(10, 8, 6, 5), ALL, 3).winner == LARGE


def test_of_equals_the_simplest_is_published() -> None:
    same = np.ones((4, 10))
    assert choose(same, ALL, 3).winner == SIMPLE


def test_two_origins_choose_nothing() -> None:
    found = choose(np.ones((4, 2)), ALL, 1)
    assert (found.winner, found.reason, found.comparisons) == (None, Reason.HISTORY_TOO_SHORT, ())


def test_a_candidate_without_scores_takes_no_part() -> None:
    scores = _noise(10, 8, 1, 9)
    scores[2, 4] = np.nan
    assert choose(scores, ALL, 3).winner == LINE


@given(SCORES, st.floats(0.01, 1000.0), st.integers(1, 12))
def test_the_choice_does_not_depend_on_the_unit(
    scores: np.ndarray, unit: float, overlap: int
) -> None:
    # Only powers of two leave every digit as it is.
    unit = 2.0 ** round(np.log2(unit))
    assert choose(scores, ALL, overlap).winner == choose(scores * unit, ALL, overlap).winner


@given(SCORES, st.integers(1, 12))
def test_the_choice_does_not_depend_on_the_direction_of_time(
    scores: np.ndarray, overlap: int
) -> None:
    forward, backward = choose(scores, ALL, overlap), choose(scores[:, ::-1].copy(), ALL, overlap)
    assert forward.winner == backward.winner


@given(SCORES, st.randoms(use_true_random=False))
def test_independent_origins_may_come_in_any_order(scores: np.ndarray, random: object) -> None:
    order = np.arange(scores.shape[1])
    random.shuffle(order)  # type: ignore[attr-defined]
    winners = {choose(each, ALL, 1).winner for each in (scores, scores[:, order])}
    near = abs(compare(scores[2], scores[0], 1).difference) < 1e-9
    assert len(winners) == 1 or near


@given(SCORES, st.integers(1, 12))
@settings(max_examples=50)
def test_a_baseline_that_is_no_better_changes_nothing(scores: np.ndarray, overlap: int) -> None:
    worse = np.vstack([scores, scores[:2].max(axis=0)[None, :] + 1])
    before = choose(scores, ALL, overlap).winner
    assert choose(worse, [*ALL, Candidate("worse", True)], overlap).winner == before


def test_a_difference_is_antisymmetric() -> None:
    first, second = _noise(5, 7, origins=12)
    there, back = compare(first, second, 4), compare(second, first, 4)
    assert there.difference == pytest.approx(-back.difference)
    assert (there.is_better, there.is_worse) == (back.is_worse, back.is_better) == (True, False)


@pytest.mark.thorough
@pytest.mark.parametrize(("origins", "ahead"), [(8, 6), (18, 12), (60, 12)])
def test_overlapping_outcomes_are_not_independent(origins: int, ahead: int) -> None:
    """The hardest case: every difference is the sum of the same number of shocks, and no forecast is better.
    Taking origins for independent errs in three of ten."""
    rng = np.random.default_rng(7)
    errs = naive = 0
    for _ in range(2000):
        shocks = rng.normal(0.0, 1.0, origins + ahead)
        drawn = np.convolve(shocks, np.ones(ahead), "valid")[:origins]
        errs += compare(drawn, np.zeros(origins), ahead).is_better
        naive += compare(drawn, np.zeros(origins), 1).is_better
    assert errs / 2000 <= 0.23
    assert naive / 2000 >= 1.3 * errs / 2000
