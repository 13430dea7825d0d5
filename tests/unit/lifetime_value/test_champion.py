"""The champion: which family is chosen, what earns publication, and what is published instead. What it
forecasts of CDNOW is in `test_cdnow.py`."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dagster_project.lifetime_value.btyd import (
    MBG_NBD,
    PARETO_NBD,
    PURE_NBD,
    Cells,
    Fit,
    Method,
    Minimums,
    Purchases,
    Reason,
    SpendCells,
    Status,
    Verdict,
    backtest,
    fit,
    fit_spend,
)
from dagster_project.lifetime_value.btyd.backtest import comparable
from dagster_project.lifetime_value.btyd.judging import amount_score, count_score, is_better
from dagster_project.lifetime_value.btyd.levels import held_share, learned_levels
from dagster_project.lifetime_value.registry import fit_of, published, registry_row
from tests.golden import cdnow
from tests.unit.lifetime_value.worlds import buyers

UNTIL, YEARS = 2000, 730


def _shop(
    number: int, seed: int, stride: int = 1, leaves: bool = True, free: bool = False
) -> Purchases:
    """Customers who come over two years, buy by chance (at every stride-th event) and may leave."""
    dice = np.random.default_rng(seed)
    customer, day, amount = [], [], []
    for one in range(number):
        rate, leaving = dice.gamma(1.2, stride / 60), dice.beta(1.0, 4.0) if leaves else 0.0
        at, worth = UNTIL - YEARS * dice.random(), 20 / dice.gamma(4)
        while at < UNTIL:
            customer.append(one)
            day.append(int(at))
            amount.append(0.0 if free else float(dice.gamma(6, worth)) + 0.01)
            if dice.random() < leaving:
                break
            at += max(1.0, dice.gamma(stride, 1 / max(rate, 1e-3)))
    days = np.unique(np.column_stack([customer, day]), axis=0, return_index=True)
    return Purchases(days[0][:, 0], days[0][:, 1], np.array(amount)[days[1]], UNTIL)


def test_the_champion_on_cdnow(verdict: Verdict) -> None:
    assert verdict.champion is MBG_NBD
    assert verdict.reason is Reason.SCORED
    assert (verdict.orders_method, verdict.revenue_method) == ("mbg_nbd", Method.SHRUNK_MEAN)
    assert len(verdict.splits) >= 3
    found = verdict.results["mbg_nbd"].measures
    naive = verdict.results[Method.NAIVE].measures
    assert found["log_score"] == pytest.approx(-0.55, abs=0.05)
    assert found["gini"] > 0.95 * naive["gini"]
    assert found["relative_root_mean_square_error"] < 1


def test_the_same_purchases_give_the_same_verdict(verdict: Verdict) -> None:
    again = backtest(cdnow.purchases(cdnow.SPLIT), 182, [MBG_NBD], seed=1)
    assert again.best is not None and verdict.best is not None
    assert again.best.measures == verdict.best.measures


def test_likelihoods_of_different_regularity_compare(verdict: Verdict) -> None:
    """Twice the exponent for k = 1 and 2, by the formula written out."""
    found = {name: each.log_likelihood for name, each in verdict.results.items()}
    assert found["mbg_nbd"] == pytest.approx(-14363.2, abs=0.5)
    assert found["mbg_cnbd_2"] == pytest.approx(-14634.4, abs=0.5)


@pytest.mark.thorough
@pytest.mark.parametrize(("stride", "family"), [(1, "mbg_nbd"), (3, "mbg_cnbd_3")])
def test_the_family_that_customers_follow_is_found(stride: int, family: str) -> None:
    found = backtest(_shop(2500, 3, stride), 182)
    likelihoods = {
        name: each.log_likelihood
        for name, each in found.results.items()
        if each.log_likelihood is not None and name != "bg_nbd"
    }
    regular = {name: value for name, value in likelihoods.items() if name != "pareto_nbd"}
    assert max(regular, key=lambda name: regular[name]) == family


def test_pareto_converges_where_its_dropout_rates_hardly_differ() -> None:
    """The first months of CDNOW: the likelihood rises along s and beta without end."""
    cells = cdnow.purchases(cdnow.date(1997, 4, 21)).cells()
    done = fit(PARETO_NBD, cells)
    assert done.status is Status.OK
    assert done.at_boundary == ("s",)
    assert done.log_likelihood == pytest.approx(-5933.27, abs=0.05)


def test_a_model_that_a_person_beats_is_not_published() -> None:
    """Customers buy at their own rates and stop for half a year, all at once: a model takes them for gone."""
    dice = np.random.default_rng(1)
    rate = dice.gamma(2, 1 / 40, 800)
    days = np.arange(UNTIL - 1000, UNTIL)
    is_open = (days < UNTIL - 560) | (days >= UNTIL - 380)
    bought = (dice.random((800, 1000)) < rate[:, None]) & is_open
    customer, place = np.nonzero(bought)
    found = backtest(Purchases(customer, days[place], np.full(len(place), 5.0), UNTIL), 182)
    assert found.champion is None
    assert found.reason is Reason.NOT_BETTER_THAN_NAIVE
    assert found.orders_method in (Method.NAIVE, Method.LAST_YEAR)
    assert published(found, Cells([0], [0], [1])).fit is None


def test_customers_who_bought_for_ninety_days_are_forecast() -> None:
    purchases = cdnow.purchases(cdnow.date(1997, 5, 12))
    found = backtest(purchases, 182)
    assert len(found.splits) >= 3
    assert found.orders_method is not None


def test_a_shop_without_three_origins_has_no_forecast() -> None:
    found = backtest(cdnow.purchases(cdnow.date(1997, 3, 3)), 182)
    assert (found.champion, found.reason) == (None, Reason.HISTORY_TOO_SHORT)


def test_too_few_customers_are_reported() -> None:
    found = backtest(Purchases(np.array([0, 1]), np.array([1, 2]), np.ones(2), 9), 182)
    assert (found.champion, found.reason) == (None, Reason.NO_MODEL)
    statuses = {result.fit.status for result in found.results.values() if result.fit}
    assert statuses == {Status.TOO_FEW_CUSTOMERS}


def test_too_few_repeats_are_reported() -> None:
    cells = Cells(np.zeros(1000), np.zeros(1000), np.full(1000, 50.0))
    assert fit(MBG_NBD, cells).status is Status.TOO_FEW_REPEATS


@pytest.mark.thorough
def test_without_dropout_nbd_takes_over_and_is_reported() -> None:
    cells, _ = buyers(4000, leaves=False, seed=4)
    assert fit(MBG_NBD, cells).status is Status.NO_DROPOUT
    purchases = _shop(3000, 4, leaves=False)
    found = backtest(purchases, 182)
    assert found.champion is PURE_NBD
    assert found.reason is Reason.FALLBACK_NBD
    assert published(found, purchases.cells()).fit is not None


def test_free_orders_have_no_revenue_to_model() -> None:
    found = backtest(_shop(1500, 5, free=True), 182, [MBG_NBD])
    assert found.orders_method == "mbg_nbd"
    assert found.revenue_method == Method.OWN_MEAN


def test_noise_is_not_better() -> None:
    """Of 400 pairs of equally good forecasts about one in twenty is called better, however customers repeat."""
    dice = np.random.default_rng(7)
    customer = np.tile(np.arange(200), 4)
    better = 0
    for _ in range(400):
        own = np.tile(dice.normal(size=200), 4) + dice.normal(size=800)
        better += is_better(own, np.zeros(800), customer)
    assert 0.02 <= better / 400 <= 0.09
    assert is_better(dice.normal(0.3, 1, 800), np.zeros(800), customer)


def test_scores_prefer_the_true_means() -> None:
    """Whatever the dispersion, and although some customers are called gone who are not."""
    dice = np.random.default_rng(9)
    truth = dice.gamma(0.5, 4, 5000)
    counts, amounts = dice.poisson(truth).astype(float), truth * dice.gamma(0.5, 2, 5000)
    noisy = truth * dice.gamma(2, 0.5, 5000)
    gone = np.where(dice.random(5000) < 0.02, 0.0, truth)
    for score, actual in ((count_score, counts), (amount_score, amounts)):
        own = score(truth, actual).sum()
        assert own > score(noisy, actual).sum()
        assert own > score(gone, actual).sum() > -np.inf


def test_levels_that_held_are_learned() -> None:
    """Of a forecast that is too narrow, wider quantiles are taken; where the past does not repeat, none."""
    dice = np.random.default_rng(8)
    origin = np.repeat(np.arange(4), 1000)
    narrow = dice.beta(0.5, 0.5, 4000)
    levels = learned_levels(narrow, origin)
    assert levels is not None
    assert levels["low_80"] < 0.05 and levels["high_80"] > 0.95
    assert held_share(narrow, origin) == pytest.approx(0.8, abs=0.03)
    drifting = np.concatenate([dice.beta(1 + 6 * k, 8 - 2 * k, 1000) for k in range(4)])
    assert learned_levels(drifting, origin) is None


def test_true_parameters_are_found_within_their_errors() -> None:
    cells, _ = buyers(20_000, leaves=True, seed=5)
    done = fit(MBG_NBD, cells.gathered()[0])
    assert done.status is Status.OK
    errors = np.sqrt(np.diag(done.log_covariance))
    assert (np.abs(np.log(done.parameters / [0.8, 60.0, 0.9, 2.5])) < 4 * errors).all()
    assert (errors < 0.2).all()


def test_an_infinite_mean_is_reported() -> None:
    """Pareto tails with index 0.8: q is about 0.8."""
    dice = np.random.default_rng(6)
    rate = dice.gamma(0.8, 1.0, 4000)
    spent = dice.gamma(3 * 4, 1.0, 4000) / rate / 4
    done = fit_spend(SpendCells(np.full(4000, 4.0), spent))
    assert done.status is Status.INFINITE_MEAN
    assert done.parameters[1] <= 1


def test_a_warm_start_ends_where_a_cold_one_does(weeks: Cells, fits: dict[str, Fit]) -> None:
    for family in ("mbg_nbd", "pareto_nbd"):
        cold = fits[family]
        assert cold.model is not None
        warm = fit(cold.model, weeks, cold.parameters * 1.1)
        assert warm.parameters == pytest.approx(cold.parameters, rel=1e-7)
        assert warm.iterations < cold.iterations


def test_a_registry_row_is_plain_and_reads_back(verdict: Verdict, weeks: Cells, spend: Fit) -> None:
    result = verdict.best
    assert result is not None and result.fit is not None
    row = registry_row(result.fit, weeks, "1997-10-01", result, is_champion=True)
    assert json.loads(json.dumps(row, allow_nan=False)) == row
    assert row["model_id"] == f"mbg_nbd:all:1997-10-01:{row['data_hash']}"
    assert row["fitted_to"] == "1997-10-01"
    assert isinstance(row["holdout_gini"], float)
    again = fit_of(row)
    assert again is not None
    assert (again.parameters == result.fit.parameters).all()
    assert (again.log_covariance == result.fit.log_covariance).all()
    assert comparable(again, 0, 0) == again.log_likelihood
    cells = SpendCells([1, 2], [3.0, 4.0])
    other = registry_row(spend, cells, "1997-10-01")
    assert other.keys() == row.keys()


def test_a_fit_that_was_refused_keeps_no_numbers() -> None:
    cells = Cells([0], [0], [1])
    row = registry_row(fit(MBG_NBD, cells), cells, "2025-01-01")
    assert (row["parameters"], row["log_likelihood"]) == (None, None)
    assert fit_of(row) is None


def test_the_hash_does_not_depend_on_the_order_of_cells(weeks: Cells) -> None:
    backwards = weeks.taken(np.arange(len(weeks))[::-1])
    done = fit(MBG_NBD, weeks, minimums=Minimums(customers=10**9))
    rows = [registry_row(done, cells, "2025-01-01") for cells in (weeks, backwards)]
    assert rows[0] == rows[1]
