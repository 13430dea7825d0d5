"""No input gives NaN, infinity or a chance outside 0 to 1, and the unit of time does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from dagster_project.lifetime_value.btyd import (
    MODELS,
    Cells,
    Component,
    Fit,
    SpendCells,
    Status,
    fit,
    score,
    total_interval,
)
from dagster_project.lifetime_value.btyd.cells import Floats
from dagster_project.lifetime_value.btyd.scoring import Scores

CENTURY = 36_525.0
CHANCES = ("probability_alive", "probability_active")


def _done(family: str, parameters: Floats, component: Component = Component.PURCHASES) -> Fit:
    model = MODELS.get(family)
    names = model.names if model else ("p", "q", "v")
    empty = np.zeros((len(names), len(names)))
    return Fit(model, component, family, names, parameters, empty, 0.0, Status.OK, (), 1.0, 0)


def _is_sound(scores: Scores) -> bool:
    for name, column in scores.items():
        assert column is not None
        assert np.isfinite(column).all(), name
        assert (column >= 0).all(), name
        assert name not in CHANCES or (column <= 1).all(), name
    return True


histories = st.tuples(
    st.integers(0, 5000), st.floats(0, 1), st.one_of(st.just(0.0), st.floats(1e-6, 30_000))
)
shapes = st.floats(0.02, 200)
times = st.floats(0.01, 20_000)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    family=st.sampled_from(sorted(MODELS)),
    cells=st.lists(histories, min_size=1, max_size=6),
    shape=st.tuples(shapes, shapes, shapes),
    time=st.tuples(times, times),
    horizon=st.sampled_from([1.0, 365.0, CENTURY]),
    spend=st.tuples(st.floats(0.1, 50), st.floats(1.01, 30), st.floats(0.01, 1e5)),
)
def test_scores_are_finite(
    family: str,
    cells: list[tuple[int, float, float]],
    shape: tuple[float, float, float],
    time: tuple[float, float],
    horizon: float,
    spend: tuple[float, float, float],
) -> None:
    frequency = np.array([cell[0] for cell in cells], dtype=float)
    age = np.array([cell[2] for cell in cells])
    recency = np.where(frequency > 0, age * np.array([cell[1] for cell in cells]), 0.0)
    model = MODELS[family]
    waiting, counting = list(time), list(shape)
    parameters = np.array([(waiting if n in model.times else counting).pop() for n in model.names])
    money = _done("gamma_gamma", np.array(spend), Component.SPEND)
    table = Cells(frequency, recency, age)
    found = score(_done(family, parameters), table, money, horizon=horizon, annual_discount=0.1)
    assert _is_sound(found)
    value, gradient = model.log_likelihood(parameters, table)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("family", sorted(MODELS))
def test_the_corners(family: str, fits: dict[str, Fit], spend: Fit) -> None:
    """Frequency 0 to 5,000, age towards 0, horizon to 100 years, with the parameters of a real
    shop."""
    frequency = np.array([0, 0, 0, 1, 1, 10, 100, 1000, 5000, 5000], dtype=float)
    age = np.array([0, 1e-9, 1000, 0, 1000, 1, 500, 1000, 5000, 1e-6])
    recency = np.where(frequency > 0, age * 0.99, 0)
    for horizon in (1e-6, 52.0, 5218.0):
        cells = Cells(frequency, recency, age)
        found = score(fits[family], cells, spend, horizon=horizon, year=52.0, annual_discount=0.1)
        assert _is_sound(found)
        for low, high in (("low_95", "low_80"), ("low_80", "high_80"), ("high_80", "high_95")):
            below, above = found[f"orders_{low}"], found[f"orders_{high}"]
            assert below is not None and above is not None
            assert (below <= above).all()


@pytest.mark.parametrize("family", sorted(MODELS))
def test_days_and_weeks_give_the_same_scores(
    family: str, fits: dict[str, Fit], weeks: Cells, spend: Fit
) -> None:
    days = weeks.in_units_of(1 / 7)
    by_day = fit(MODELS[family], days)
    first = score(by_day, days, spend, annual_discount=0.1)
    second = score(fits[family], weeks, spend, horizon=365 / 7, annual_discount=0.1, year=365 / 7)
    for name, column in first.items():
        assert column is not None
        factor = 7.0 if name == "time_to_next_order" else 1.0
        other = second[name]
        assert other is not None
        assert column == pytest.approx(other * factor, rel=1e-6, abs=1e-9), name


def test_the_order_of_cells_does_not_matter(fits: dict[str, Fit], weeks: Cells) -> None:
    turned = np.random.default_rng(9).permutation(len(weeks))
    first = score(fits["mbg_nbd"], weeks)
    second = score(fits["mbg_nbd"], weeks.taken(turned))
    for name in ("expected_orders", "probability_active", "orders_high_95"):
        column, other = first[name], second[name]
        assert column is not None and other is not None
        assert other == pytest.approx(column[turned], rel=1e-12)


def test_discounting_takes_away_what_it_should(fits: dict[str, Fit], weeks: Cells) -> None:
    """Against a sum over days."""
    done = fits["pareto_nbd"]
    assert done.model is not None
    found = score(done, weeks, horizon=52.0, annual_discount=0.2, year=52.0)
    ends = np.arange(0, 52.01, 1 / 7)
    alive = done.model.probability_alive(done.parameters, weeks)
    path = [alive * done.model.expected_if_alive(done.parameters, weeks, end) for end in ends]
    factor = 1.2 ** -((ends[1:] + ends[:-1]) / 2 / 52)
    total = (np.diff(np.array(path), axis=0) * factor[:, None]).sum(axis=0)
    assert found["discounted_orders"] == pytest.approx(total, rel=1e-5)


def test_without_a_spend_model_money_has_no_interval(fits: dict[str, Fit]) -> None:
    cells = Cells([0, 3], [0, 20], [30, 30])
    found = score(fits["mbg_nbd"], cells, mean_value=12.0)
    orders, constant = found["discounted_orders"], found["revenue_constant"]
    assert orders is not None and constant is not None
    assert constant == pytest.approx([12 * orders[0], 0])
    assert found["revenue_slope"] == pytest.approx([0, orders[1]])
    assert found["revenue_high_80_slope"] is None


def test_a_fit_that_failed_gives_no_scores() -> None:
    cells = Cells([0], [0], [1])
    with pytest.raises(ValueError, match="too_few_customers"):
        score(fit(MODELS["mbg_nbd"], cells), cells)


@pytest.mark.thorough
def test_the_total_has_a_wider_interval_than_luck_alone(fits: dict[str, Fit], weeks: Cells) -> None:
    found = fits["mbg_nbd"]
    mean, low, high = total_interval(found, weeks, 39.0, 0.8)
    assert mean == pytest.approx(1576.73, abs=0.01)
    assert mean / low == pytest.approx(high / mean)
    _, luck_low, luck_high = total_interval(_done("mbg_nbd", found.parameters), weeks, 39.0, 0.8)
    reaches = [np.log(end / mean) for end in (high, luck_high)]
    assert luck_low < mean
    variance = mean**2 * (reaches[0] ** 2 - reaches[1] ** 2) / ndtri(0.9) ** 2
    dice = np.random.default_rng(2)
    logs = dice.multivariate_normal(np.log(found.parameters), found.log_covariance, size=1_000)
    drawn = [_total(_done("mbg_nbd", np.exp(one)), weeks, 39.0) for one in logs]
    assert np.sqrt(variance) == pytest.approx(np.std(drawn), rel=0.1)


def test_the_total_of_many_histories_is_not_that_of_their_buckets(fits: dict[str, Fit]) -> None:
    dice = np.random.default_rng(1)
    age = dice.uniform(1, 200, 6_000)
    frequency = dice.integers(0, 5, 6_000)
    many = Cells(frequency, np.where(frequency, dice.uniform(0.1, 1, 6_000) * age, 0), age)
    mean, low, high = total_interval(fits["mbg_nbd"], many, 2.0, 0.8)
    assert mean == pytest.approx(_total(fits["mbg_nbd"], many, 2.0), rel=1e-12)
    bucketed = many.bucketed(many.mean_age / 10)[0]
    assert abs(_total(fits["mbg_nbd"], bucketed, 2.0) - mean) > (high - low) / 10


def _total(found: Fit, cells: Cells, horizon: float) -> float:
    expected = score(found, cells, mean_value=1.0, horizon=horizon)["expected_orders"]
    assert expected is not None
    return float((cells.weight * expected).sum())


@pytest.mark.parametrize(
    ("frequency", "recency", "age", "rule"),
    [
        ([-1], [0], [1], "frequency is"),
        ([0.5], [0], [1], "frequency is"),
        ([1], [2], [1], "recency <= age"),
        ([0], [1], [1], "no recency"),
        ([0], [0], [np.nan], "not finite"),
        ([0, 1], [0], [1], "differ in length"),
    ],
)
def test_impossible_cells_are_refused(
    frequency: list[float], recency: list[float], age: list[float], rule: str
) -> None:
    with pytest.raises(ValueError, match=rule):
        Cells(frequency, recency, age)


def test_impossible_spend_is_refused() -> None:
    with pytest.raises(ValueError, match="frequency >= 1"):
        SpendCells([0], [1])
    with pytest.raises(ValueError, match="monetary_value > 0"):
        SpendCells([1], [0])


def test_buckets_keep_means_and_people() -> None:
    cells = Cells([1, 1, 1, 2], [3, 5, 9, 3], [10, 12, 12, 10], [1, 3, 1, 1])
    found, group = cells.bucketed(7.0)
    assert list(group) == [0, 0, 1, 2]
    assert list(found.weight) == [4, 1, 1]
    assert list(found.recency) == [4.5, 9, 3]
    assert list(found.age) == [11.5, 12, 10]


def test_week_buckets_do_not_bias_the_fit(customers: Cells, fits: dict[str, Fit]) -> None:
    bucketed = fit(MODELS["mbg_nbd"], customers.bucketed(7.0)[0]).parameters
    exact = fits["mbg_nbd"].parameters * [1, 7, 1, 1]
    assert bucketed == pytest.approx(exact, rel=0.02)
