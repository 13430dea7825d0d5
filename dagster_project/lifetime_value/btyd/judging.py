"""Whether one forecast of customers is better than another. Belongs here: scores of means that any forecast can
be judged by, also a guess that names no distribution, and what is beyond noise. Does not belong here: the
forecasts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from dagster_project.lifetime_value.btyd.candidates import Outcomes
from dagster_project.lifetime_value.btyd.cells import Floats

BEYOND_NOISE = float(special.ndtri(0.95))  # standard errors; one-sided, 5 %
LEAST = 1e-12
SHARES = (0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
SHAPES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0, 100.0)

Customers: TypeAlias = "NDArray[np.intp]"


def count_score(mean: Floats, actual: Floats) -> Floats:
    """The log score of counts as negative binomial around a mean; higher is better. Its dispersion, and the
    share that the mean of all has in it, are those that suit the forecast best in hindsight: two forecasts
    differ by what they say of customers and not by how sure they are."""
    best, everybody = np.full(len(mean), -np.inf), max(float(mean.mean()), LEAST)
    for share in SHARES:
        about = (1 - share) * mean + share * everybody
        for shape in SHAPES:
            score = (
                special.gammaln(shape + actual)
                - special.gammaln(shape)
                - special.gammaln(actual + 1)
                - shape * np.log1p(about / shape)
                + actual * (np.log(about) - np.log(about + shape))
            )
            if score.sum() > best.sum():
                best = score
    return best


def amount_score(mean: Floats, actual: Floats) -> Floats:
    """Minus the Tweedie deviance of power 1.5 of amounts, at least 0; higher is better. The mean minimises it,
    and few large amounts do not rule it (Gneiting 2011, "Making and evaluating point forecasts"). The mean of
    all has the share that suits the forecast best in hindsight."""
    best, everybody = np.full(len(mean), -np.inf), max(float(mean.mean()), LEAST)
    for share in SHARES:
        about = (1 - share) * mean + share * everybody
        score = -4 * (np.sqrt(actual) - np.sqrt(about)) ** 2 / np.sqrt(about)
        if score.sum() > best.sum():
            best = score
    return best


@dataclass(frozen=True, eq=False)
class Judged:
    """How all candidates of a choice did.

    Attributes:
        chosen: the candidate that is published.
        by_origin: the sum of each candidate's scores at every origin, newest first; higher is better.
        behind: how far each is behind the chosen one per customer and its standard error; above 0 it is worse.
        customers: customers of all origins together.
    """

    chosen: str
    by_origin: Mapping[str, Floats]
    behind: Mapping[str, tuple[float, float]]
    customers: int


def judged(scores: Mapping[str, Floats], chosen: str, happened: Outcomes) -> Judged:
    """Compares all candidates with the chosen one."""
    return Judged(
        chosen,
        {
            str(name): np.bincount(happened.origin, own).astype(np.float64)
            for name, own in scores.items()
        },
        {str(name): _gain(scores[chosen], own, happened.customer) for name, own in scores.items()},
        len(happened.customer),
    )


def is_better(scores: Floats, others: Floats, customer: Customers) -> bool:
    """Whether scores (higher is better) are higher than others beyond noise. Paired by customer: a customer's
    differences at all origins count as one."""
    gain, error = _gain(scores, others, customer)
    return gain > BEYOND_NOISE * error


def _gain(scores: Floats, others: Floats, customer: Customers) -> tuple[float, float]:
    _, place = np.unique(customer, return_inverse=True)
    gains = np.bincount(place, scores - others)
    error = float(gains.std(ddof=1)) / math.sqrt(len(gains)) if len(gains) > 1 else 0.0
    return float(gains.mean()), error
