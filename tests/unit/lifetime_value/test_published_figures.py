"""The package reproduces what others published about the CDNOW sample. Belongs here: published numbers.
Does not belong here: the project's own numbers."""

from __future__ import annotations

import numpy as np
import pytest

from dagster_project.lifetime_value.btyd import Cells, Fit, Status
from dagster_project.lifetime_value.btyd.guesses import guessed
from dagster_project.lifetime_value.btyd.measures import (
    mean_absolute_error,
    root_mean_square_error,
)
from dagster_project.lifetime_value.btyd.totals import expected_orders
from tests.golden import cdnow
from tests.golden.cdnow import Cdnow

# family: parameters, log-likelihood, sum of E[39 weeks], sum of P(alive); E, P(alive) at (2, 30.43, 38.86).
PUBLISHED = {
    "bg_nbd": ((0.243, 4.414, 0.793, 2.426), -9582.4292, 1653.41, 1917.28, 1.22591, 0.72661),
    "pareto_nbd": ((0.553, 10.578, 0.606, 11.669), -9594.9762, 1665.51, 1051.88, 1.4551, 0.86912),
    "mbg_nbd": ((0.525, 6.183, 0.891, 1.614), -9582.1357, 1576.73, 1057.64, 1.26267, 0.70613),
}
EXACT = {
    "bg_nbd": (0.242595, 4.413602, 0.792922, 2.425907),
    "pareto_nbd": (0.553277, 10.577683, 0.606240, 11.668735),
    "mbg_nbd": (0.524843, 6.183085, 0.891359, 1.614002),
}
HORIZON = 39.0


def test_the_sample_is_prepared_as_published(sample: Cdnow, weeks: Cells) -> None:
    assert len(sample.frequency) == 2357
    assert len(weeks) == 1016
    assert sample.frequency.sum() == 2457
    assert (sample.frequency > 0).sum() == 946
    assert sample.monetary_value[sample.monetary_value > 0].mean() == pytest.approx(
        35.0778, abs=5e-5
    )
    assert sample.holdout_purchases.sum() == 1882
    assert (sample.holdout_purchases > 0).sum() == 684
    assert sample.holdout_spent.sum() == pytest.approx(70976.39, abs=0.005)


@pytest.mark.parametrize("family", PUBLISHED)
def test_parameters_likelihood_and_forecasts(
    family: str, fits: dict[str, Fit], weeks: Cells
) -> None:
    parameters, likelihood, purchases, alive, expected, chance = PUBLISHED[family]
    done = fits[family]
    assert done.status is Status.OK
    assert done.parameters == pytest.approx(parameters, abs=5.1e-4)
    assert done.parameters == pytest.approx(EXACT[family], abs=1e-6)
    assert done.log_likelihood == pytest.approx(likelihood, abs=1e-4)
    assert done.model is not None
    everybody = done.model.probability_alive(done.parameters, weeks)
    assert (weeks.weight * everybody).sum() == pytest.approx(alive, abs=0.005)
    total = (weeks.weight * expected_orders(done, weeks, HORIZON)).sum()
    assert total == pytest.approx(purchases, abs=0.005)
    one = Cells([2], [30.43], [38.86])
    assert expected_orders(done, one, HORIZON) == pytest.approx([expected], abs=1e-5)
    assert done.model.probability_alive(done.parameters, one) == pytest.approx([chance], abs=1e-5)


def test_gamma_gamma(spend: Fit) -> None:
    assert spend.status is Status.OK
    assert spend.parameters == pytest.approx((6.249572, 3.744225, 15.443521), abs=1e-6)
    assert spend.log_likelihood == pytest.approx(-4055.9177, abs=1e-4)
    assert spend.correlation == pytest.approx(0.1139, abs=1e-4)


def test_bg_nbd_takes_who_bought_once_for_alive(fits: dict[str, Fit], weeks: Cells) -> None:
    """The reason why BG/NBD is compared and never champion."""
    done = fits["bg_nbd"]
    assert done.model is not None
    once = weeks.frequency == 0
    assert np.all(done.model.probability_alive(done.parameters, weeks)[once] == 1.0)


@pytest.mark.parametrize(
    ("family", "absolute", "square"),
    [
        ("naive", 1.024, 2.212),
        ("bg_nbd", 0.786, 1.608),
        ("mbg_nbd", 0.765, 1.607),
        ("pareto_nbd", 0.755, 1.603),
    ],
)
def test_holdout_errors(fits: dict[str, Fit], family: str, absolute: float, square: float) -> None:
    """Of forecasts by the published fits, in weeks, at the published split."""
    split = cdnow.purchases(cdnow.END).split(cdnow.SPLIT.toordinal(), 273)
    if family == "naive":
        forecast = guessed([split])[family].orders
    else:
        weeks = split.cells.in_units_of(7.0)
        forecast = expected_orders(fits[family], weeks, HORIZON)
    assert mean_absolute_error(forecast, split.purchases) == pytest.approx(absolute, abs=6e-4)
    assert root_mean_square_error(forecast, split.purchases) == pytest.approx(square, abs=6e-4)
