"""Measures of forecasts, on numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dagster_project.lifetime_value.btyd import measures

ACTUAL = np.array([0.0, 1.0, 2.0, 5.0])


def test_errors() -> None:
    forecast = np.array([1.0, 1.0, 0.0, 5.0])
    assert measures.mean_absolute_error(forecast, ACTUAL) == 0.75
    assert measures.root_mean_square_error(forecast, ACTUAL) == pytest.approx(np.sqrt(5 / 4))
    assert measures.aggregate_error(forecast, ACTUAL) == pytest.approx(-1 / 8)
    assert measures.aggregate_error(forecast, np.zeros(4)) == 6.0


def test_gini_is_one_for_hindsight_and_zero_for_no_idea() -> None:
    assert measures.gini(ACTUAL * 10 + 3, ACTUAL) == pytest.approx(1)
    assert measures.gini(np.ones(4), ACTUAL) == 0
    assert measures.gini(-ACTUAL, ACTUAL) == pytest.approx(-1)
    assert measures.gini(ACTUAL, np.ones(4)) == 0


def test_calibration_counts_every_customer_once() -> None:
    chance = np.array([0.0, 0.05, 0.55, 1.0])
    happened = np.array([0.0, 0.0, 1.0, 1.0])
    table = measures.calibration(chance, happened)
    assert table[:, 0].sum() == 4
    assert list(table[0]) == [2, 0.025, 0]
    assert list(table[9]) == [1, 1, 1]
    assert measures.calibration_error(chance, happened) == pytest.approx((2 * 0.025 + 0.45) / 4)


def test_lift_starts_with_the_highest_forecast() -> None:
    table = measures.lift(np.array([0.1, 3.0, 2.0, 0.2]), ACTUAL, parts=2)
    assert table.tolist() == [[2, 2.5, 1.5], [2, pytest.approx(0.15), 2.5]]


def test_pit_of_the_right_distribution_is_uniform() -> None:
    """With a fair coin tossed once, coverage equals the level."""
    tossed = np.random.default_rng(0).integers(0, 2, 20_000)
    at_least = np.where(tossed == 0, 1.0, 0.5)
    pit = measures.randomised_pit(at_least, at_least - 0.5, seed=1)
    assert np.histogram(pit, 4, (0, 1))[0] == pytest.approx(np.full(4, 5000), rel=0.05)
    assert measures.coverage(pit, 0.8) == pytest.approx(0.8, abs=0.01)
    assert (measures.randomised_pit(at_least, at_least - 0.5, seed=1) == pit).all()
