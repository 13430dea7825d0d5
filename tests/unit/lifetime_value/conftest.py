"""Fixtures that the tests of lifetime value share: the CDNOW sample, fitted once."""

from __future__ import annotations

import pytest

from dagster_project.lifetime_value.btyd import (
    MODELS,
    Cells,
    Fit,
    SpendCells,
    Verdict,
    backtest,
    fit,
    fit_spend,
)
from tests.golden import cdnow

WEEK = 7.0
LONGEST = 182


@pytest.fixture(scope="session")
def sample() -> cdnow.Cdnow:
    return cdnow.read()


@pytest.fixture(scope="session")
def customers(sample: cdnow.Cdnow) -> Cells:
    """One row per customer, in days."""
    return Cells(sample.frequency, sample.recency, sample.age)


@pytest.fixture(scope="session")
def weeks(customers: Cells) -> Cells:
    """The 1,016 cells, in weeks as published."""
    return customers.in_units_of(WEEK).gathered()[0]


@pytest.fixture(scope="session")
def spend(sample: cdnow.Cdnow) -> Fit:
    has_spent = sample.monetary_value > 0
    return fit_spend(SpendCells(sample.frequency[has_spent], sample.monetary_value[has_spent]))


@pytest.fixture(scope="session")
def fits(weeks: Cells) -> dict[str, Fit]:
    """All models, in weeks."""
    return {family: fit(model, weeks) for family, model in MODELS.items()}


@pytest.fixture(scope="session")
def verdict() -> Verdict:
    """At the published split."""
    return backtest(cdnow.purchases(cdnow.SPLIT), LONGEST, seed=1)
