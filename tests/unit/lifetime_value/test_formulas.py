"""The formulas, compared with other ways to the same result: integrals, sums, published closed forms and
simulation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import integrate, special

from dagster_project.lifetime_value.btyd import (
    BG_NBD,
    MBG_CNBD,
    MBG_NBD,
    MODELS,
    PARETO_NBD,
    Cells,
    Fit,
)
from dagster_project.lifetime_value.btyd.cells import Floats
from dagster_project.lifetime_value.btyd.model import PurchaseModel
from dagster_project.lifetime_value.btyd.quadrature import beta_logits
from dagster_project.lifetime_value.btyd.revenue import Demand, revenue_at_most, revenue_quantile
from tests.unit.lifetime_value.worlds import TRUTH, buyers

HISTORIES = Cells([0, 0, 1, 2, 7, 40], [0, 0, 3, 30, 25, 38], [1, 38, 5, 38, 39, 39])


@pytest.mark.parametrize("family", MODELS)
def test_the_gradient_is_the_slope(family: str, fits: dict[str, Fit], weeks: Cells) -> None:
    model, at = MODELS[family], fits[family].parameters * 1.1
    gradient = model.log_likelihood(at, weeks)[1]
    for slope, unit in zip(gradient, np.eye(len(at)), strict=True):
        ends = [model.log_likelihood(at + side * 1e-5 * unit, weeks)[0] for side in (1, -1)]
        assert slope == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-3, abs=1e-4)


def _integral(function: Callable[[float], float], low: float, high: float) -> float:
    return float(integrate.quad(function, low, high, epsabs=0, epsrel=1e-11, limit=500)[0])


@pytest.mark.parametrize("alpha_and_beta", [(10.6, 11.7), (2.0, 30.0), (30.0, 2.0)])
def test_pareto_likelihood_is_the_integral_over_the_moment_of_leaving(
    alpha_and_beta: tuple[float, float],
) -> None:
    r, s = 0.55, 0.61
    alpha, beta = alpha_and_beta
    for x, tx, age in zip(HISTORIES.frequency, HISTORIES.recency, HISTORIES.age, strict=True):
        alive = (alpha + age) ** -(r + x) * (beta + age) ** -s

        def left(at: float, x: float = x) -> float:
            return float(s * (alpha + at) ** -(r + x) * (beta + at) ** -(s + 1))

        whole = alive + _integral(left, tx, age)
        log = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        cell, at = Cells([x], [tx], [age]), np.array([r, alpha, s, beta])
        assert PARETO_NBD.log_likelihood(at, cell)[0] == pytest.approx(
            log + np.log(whole), abs=1e-7
        )
        assert PARETO_NBD.probability_alive(at, cell) == pytest.approx([alive / whole], rel=1e-6)


@pytest.mark.parametrize("model", [BG_NBD, MBG_NBD])
def test_expectation_is_the_published_closed_form(model: PurchaseModel) -> None:
    at = r, alpha, a, b = np.array([0.53, 6.2, 0.89, 1.6])
    survived = HISTORIES.frequency + (model is MBG_NBD)
    z = 52 / (alpha + HISTORIES.age + 52)
    top = a + b + survived - 1
    series = special.hyp2f1(top - r - HISTORIES.frequency, a - 1, top, z) * (1 - z) ** (a - 1)
    assert model.expected_if_alive(at, HISTORIES, 52.0) == pytest.approx(
        top / (a - 1) * (1 - series), rel=1e-9
    )


@pytest.mark.parametrize("a", [0.999999999, 1.0, 1.000000001])
def test_nothing_happens_at_a_equal_to_one(a: float) -> None:
    near = MBG_NBD.expected_if_alive(np.array([0.5, 6.0, 0.9999, 1.6]), HISTORIES, 52.0)
    here = MBG_NBD.expected_if_alive(np.array([0.5, 6.0, a, 1.6]), HISTORIES, 52.0)
    assert here == pytest.approx(near, rel=1e-4)


@pytest.mark.parametrize("family", MODELS)
def test_tails_add_up_to_the_moments(family: str, fits: dict[str, Fit]) -> None:
    model, at = MODELS[family], fits[family].parameters
    counts = model.counts(at, HISTORIES, 20.0)
    tails = np.array([counts.at_least(np.full(len(HISTORIES), float(y))) for y in range(1, 400)])
    alive = model.probability_alive(at, HISTORIES)
    mean = alive * model.expected_if_alive(at, HISTORIES, 20.0)
    pairs = alive * model.pairs_if_alive(at, HISTORIES, 20.0)
    assert mean == pytest.approx(tails.sum(axis=0), rel=1e-9)
    twice = 2 * np.arange(399.0)[:, None]
    assert pairs == pytest.approx((twice * tails).sum(axis=0), rel=1e-4)


@pytest.mark.parametrize("family", MODELS)
def test_quantiles_are_where_the_tail_falls_below(family: str, fits: dict[str, Fit]) -> None:
    counts = MODELS[family].counts(fits[family].parameters, HISTORIES, 2000.0)
    for level, found in zip((0.1, 0.9, 0.975), counts.quantiles((0.1, 0.9, 0.975)), strict=True):
        assert (counts.at_least(found + 1) <= 1 - level + 1e-12).all()
        assert (counts.at_least(found)[found > 0] > (1 - level)).all()
    assert found.max() > 192  # so that the bisection was used too


@pytest.mark.parametrize("model", [MBG_NBD, MBG_CNBD[0], MBG_CNBD[1]])
def test_forecasts_of_invented_customers_come_true(model: PurchaseModel) -> None:
    stride = int(model.family[-1]) if model in MBG_CNBD else 1
    cells, later = buyers(60_000, leaves=True, seed=7, stride=stride)
    at = np.array(TRUTH)
    mean = model.probability_alive(at, cells) * model.expected_if_alive(at, cells, 365.0)
    counts = model.counts(at, cells, 365.0)
    for part in (cells.frequency == 0, cells.frequency == 1, cells.frequency > 3):
        error = 4 * later[part].std() / np.sqrt(part.sum())
        assert mean[part].mean() == pytest.approx(later[part].mean(), abs=error)
    for number in (1.0, 3.0):
        forecast = counts.at_least(np.full(len(cells), number)).mean()
        assert forecast == pytest.approx((later >= number).mean(), abs=0.006)


def test_revenue_quantiles_against_simulated_money(spend: Fit) -> None:
    """The approximation replaces the number of purchases of those who buy by its mean and variance."""
    cells = Cells([0, 1, 3, 12], [0, 20, 30, 36], [38, 38, 38, 38])
    at, dice, number = np.array([0.53, 6.2, 0.89, 1.6]), np.random.default_rng(8), 200_000
    alive = MBG_NBD.probability_alive(at, cells)
    counts = MBG_NBD.counts(at, cells, 52.0)
    active = counts.at_least(np.ones(4))
    demand = Demand(
        alive * MBG_NBD.expected_if_alive(at, cells, 52.0),
        alive * MBG_NBD.pairs_if_alive(at, cells, 52.0),
        active,
    )
    value = np.where(cells.frequency > 0, 30.0, 0.0)
    p, q, v = spend.parameters
    tails = np.array([counts.at_least(np.full(4, float(y))) for y in range(1, 400)])
    for row in range(4):
        bought = np.searchsorted(-tails[:, row], -dice.random(number), side="left").astype(float)
        rate = dice.gamma(q + p * cells.frequency[row], 1, number)
        rate /= v + cells.frequency[row] * value[row]
        money = dice.gamma(np.maximum(p * bought, 1e-9), 1) / rate * (bought > 0)
        for level in (0.1, 0.9, 0.975):
            limit = revenue_quantile(spend.parameters, cells.frequency, demand, level).at(value)
            assert (money <= limit[row] * (1 + 1e-9)).mean() == pytest.approx(
                max(level, 1 - active[row]), abs=0.012
            )
            share = revenue_at_most(spend.parameters, cells.frequency, value, demand, limit)
            assert share[row] == pytest.approx(max(level, 1 - active[row]), abs=1e-9)


def test_quadrature_takes_any_beta() -> None:
    second = np.array([0.01, 1.0, 3.0, 5000.0])
    for first in (0.01, 0.9, 1.0, 50.0):
        v, weight = beta_logits(first, second, 10.0)
        mean: Floats = (weight / (1 + np.exp(-v))).sum(axis=1)
        assert mean == pytest.approx(first / (first + second), rel=1e-9)
