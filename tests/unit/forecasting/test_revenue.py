"""The revenue forecast: parts and sums add up, and in worlds whose best forecast is known it is found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.forecasting import revenue
from dagster_project.forecasting.gate import Gated, gated
from dagster_project.forecasting.revenue import Cohorts
from dagster_project.forecasting.scores import crps
from dagster_project.forecasting.vocabulary import Reason

HORIZON = 12


def _gated(cohorts: Cohorts) -> Gated:
    return gated(
        revenue.rolled(cohorts, 6, HORIZON),
        lambda actual, mean, spread, _: crps(actual, mean, spread),
    )


def _shop(months: int, seed: int, customers: int = 60, decay: float = 0.9) -> Cohorts:
    """A young shop: as many new customers every month, whose revenue falls from month to month, so that the
    shop's grows ever more slowly."""
    rng = np.random.default_rng(seed)
    sizes = rng.poisson(np.full(months, customers)).astype(float)
    found = np.zeros((months, months))
    for cohort in range(months):
        ages = np.arange(months - cohort)
        mean = sizes[cohort] * 20 * decay**ages
        found[cohort, cohort:] = np.round(mean * rng.normal(1, 0.05, len(ages)), 2)
    return Cohorts(found, sizes)


def _one_cohort(total: np.ndarray) -> Cohorts:
    found = np.zeros((len(total), len(total)))
    found[0] = np.round(total, 2)
    sizes = np.zeros(len(total))
    sizes[0] = 100
    return Cohorts(found, sizes)


@given(st.integers(0, 30))
@settings(max_examples=15, deadline=None)
def test_parts_and_sums_add_up(seed: int) -> None:
    rolled = revenue.rolled(_shop(30, seed), 6, HORIZON)
    places = {name: place for place, name in enumerate(rolled.series)}
    for numbers in (rolled.expected, rolled.expected_now, rolled.actual):
        of = {name: numbers[..., place] for name, place in places.items()}
        assert numbers == pytest.approx(np.round(numbers, 2), abs=1e-8, nan_ok=True)
        assert of["all"] == pytest.approx(of["todays_customers"] + of["new_customers"], nan_ok=True)
        for part in revenue.PARTS:
            summed = np.cumsum(of[part], axis=-1)
            assert of[f"cumulative:{part}"] == pytest.approx(summed, nan_ok=True)


@given(st.integers(0, 30), st.integers(-6, 6))
@settings(max_examples=15, deadline=None)
def test_the_currency_does_not_matter(seed: int, power: int) -> None:
    shop, unit = _shop(24, seed), 2.0**power
    other = Cohorts(shop.revenue * unit, shop.customers)
    for forecast in revenue.CANDIDATES.values():
        small, large = forecast(shop, 15, HORIZON), forecast(other, 15, HORIZON)
        assert large == pytest.approx(small * unit)


@given(st.integers(0, 30))
@settings(max_examples=15, deadline=None)
def test_only_what_the_origin_knows_is_read(seed: int) -> None:
    shop = _shop(30, seed)
    known = Cohorts(shop.revenue[:16, :16], shop.customers[:16])
    for candidate, forecast in revenue.CANDIDATES.items():
        cut = forecast(known, 15, HORIZON)
        assert forecast(shop, 15, HORIZON) == pytest.approx(cut), candidate


@pytest.mark.parametrize("seed", range(3))
def test_cohort_curves_are_found(seed: int) -> None:
    method = _gated(_shop(30, seed)).method
    assert method is not None
    assert method.startswith("cohorts")


@pytest.mark.parametrize("seed", range(3))
def test_a_season_is_the_same_months_last_year(seed: int) -> None:
    months = np.arange(48)
    noise = np.random.default_rng(seed).normal(1, 0.02, 48)
    total = (10_000 + 6_000 * np.sin(2 * np.pi * months / 12)) * noise
    assert _gated(_one_cohort(total)).method == "same_months_last_year"


@pytest.mark.parametrize("seed", range(3))
def test_growth_is_a_straight_line(seed: int) -> None:
    total = 5_000 + 400 * np.arange(36) + np.random.default_rng(seed).normal(0, 100, 36)
    assert _gated(_one_cohort(total)).method == "straight_line"


def test_the_interval_of_a_sum_is_not_the_sum_of_intervals() -> None:
    """Months that err by chance make up for one another."""
    total = 10_000 + np.random.default_rng(5).normal(0, 1_500, 60)
    found = _gated(_one_cohort(total)).series
    months = found["all"].high_now - found["all"].low_now
    summed = found["cumulative:all"].high_now - found["cumulative:all"].low_now
    assert summed[-1] < 0.8 * months.sum()


def test_a_short_history_gives_no_forecast_but_a_reason() -> None:
    for months in range(1, 9):
        found = _gated(_shop(months, 1))
        assert (found.method, found.choice.reason) == (None, Reason.HISTORY_TOO_SHORT), months


def test_months_without_revenue_are_forecast_without_a_division_by_zero() -> None:
    total = np.r_[np.zeros(8), 100.0, np.zeros(15)]
    found = _gated(_one_cohort(total))
    assert np.isfinite(found.rolled.expected_now).all()
    assert np.isfinite(found.scores).all()
