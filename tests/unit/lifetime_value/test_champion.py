"""The champion: which candidate wins, when none does, and how good the champion's forecast is on CDNOW."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dagster_project.lifetime_value.btyd import (
    MBG_NBD,
    PURE_NBD,
    Cells,
    Fit,
    Minimums,
    Reason,
    SpendCells,
    Split,
    Status,
    Verdict,
    backtest,
    fit,
    fit_spend,
)
from dagster_project.lifetime_value.btyd.candidates import NAIVE
from dagster_project.lifetime_value.registry import fit_of, published, registry_row
from tests.unit.lifetime_value.worlds import buyers


def test_the_champion_on_cdnow(verdict: Verdict) -> None:
    assert verdict.champion is not None
    assert verdict.champion.family == "pareto_nbd"
    assert verdict.reason is Reason.SCORED
    found = verdict.best.measures
    assert found["mean_absolute_error"] <= 0.77
    assert found["root_mean_square_error"] <= 1.61
    assert found["spend_mean_absolute_error"] <= 30
    assert 0.74 <= found["coverage_80"] <= 0.84
    assert 0.74 <= found["spend_coverage_80"] <= 0.84
    assert found["active_calibration_error"] < 0.1
    assert found["gini"] > verdict.results[NAIVE].measures["gini"]


def test_the_same_split_gives_the_same_verdict(split: Split) -> None:
    first, second = (backtest(split, [MBG_NBD], seed=3) for _ in range(2))
    assert first.best.measures == second.best.measures


def test_a_model_that_does_not_beat_the_naive_forecast_is_not_published() -> None:
    """Every customer goes on buying as before, to the day: no model forecasts that better than the rate
    so far."""
    dice = np.random.default_rng(1)
    frequency = dice.integers(1, 40, 2000).astype(float)
    cells = Cells(frequency, np.full(2000, 300.0), np.full(2000, 300.0))
    found = backtest(Split(cells, 300.0, frequency), [MBG_NBD])
    assert found.champion is None
    assert found.reason in (Reason.NOT_BETTER_THAN_NAIVE, Reason.NO_MODEL)
    assert published(found, cells).fit is None


def test_too_few_customers_are_reported() -> None:
    cells = Cells([0, 1, 2], [0, 5, 9], [10, 10, 10])
    found = backtest(Split(cells, 10.0, np.array([0.0, 1.0, 1.0])))
    assert (found.champion, found.reason) == (None, Reason.NO_MODEL)
    statuses = {result.fit.status for result in found.results.values() if result.fit}
    assert statuses == {Status.TOO_FEW_CUSTOMERS}


def test_too_few_repeats_are_reported() -> None:
    cells = Cells(np.zeros(1000), np.zeros(1000), np.full(1000, 50.0))
    assert fit(MBG_NBD, cells).status is Status.TOO_FEW_REPEATS


def test_without_dropout_nbd_takes_over_and_is_reported() -> None:
    cells, later = buyers(4000, leaves=False, seed=4)
    assert fit(MBG_NBD, cells).status is Status.NO_DROPOUT
    found = backtest(Split(cells, 365.0, later))
    assert found.champion is PURE_NBD
    assert found.reason is Reason.FALLBACK_NBD
    assert published(found, cells).reason is Reason.FALLBACK_NBD


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
    assert result.fit is not None
    row = registry_row(result.fit, weeks, "1997-10-01", result, is_champion=True)
    assert json.loads(json.dumps(row, allow_nan=False)) == row
    assert row["model_id"] == f"pareto_nbd:all:1997-10-01:{row['data_hash']}"
    assert isinstance(row["holdout_gini"], float)
    again = fit_of(row)
    assert again is not None
    assert (again.parameters == result.fit.parameters).all()
    assert (again.log_covariance == result.fit.log_covariance).all()
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
