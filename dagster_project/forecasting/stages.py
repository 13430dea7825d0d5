"""Customers per stage in the coming months. Belongs here: the candidates of one lifecycle, each a forecast
from what an origin knows. Does not belong here: which of them is published (`gate.py`), or how customers are
counted (`spells.py`).

A candidate that moves customers lets each leave their stage at the rate of customers who had been in it as
long, and adds the customers expected to arrive. Its populations add up to the customers of the origin and
the arrivals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from dagster_project.forecasting import arrivals, baselines
from dagster_project.forecasting.gate import Rolled
from dagster_project.forecasting.origins import origins, outcomes, with_history
from dagster_project.forecasting.spells import LONGEST, Spells
from dagster_project.forecasting.vocabulary import Candidate

Floats = NDArray[np.float64]
WINDOW = 12  # months that rates and arrivals are learned from
STRENGTHS = 2.0 ** np.arange(15)  # customers that the rate of one month less counts as
LEAST_PRIOR = 1e-9  # a move that was never seen


def pooled_rates(held: Floats, moved: Floats) -> Floats:
    """(stages, tenures, stages): monthly rate of leaving for another stage, the same for every tenure."""
    return np.repeat(_own_rates(held, moved)[:, None, :], held.shape[1], axis=1)


def tenure_rates(held: Floats, moved: Floats) -> Floats:
    """(stages, tenures, stages): monthly rate of leaving for another stage by months in the stage, each drawn
    towards the rate of one month less, and that of the first month towards the rate of the whole stage. A
    tenure that nobody had reached has the rate of the longest that somebody had. How strongly rates are
    drawn, per stage, is what makes the moves most likely: empirical Bayes with the Dirichlet-multinomial
    likelihood (Mosimann, Biometrika 49 (1962), 65-82), over strengths in powers of two.

    Args:
        held: (stages, tenures) customers at the ends of months.
        moved: (stages, tenures, stages) those of them who were in another stage a month later.
    """
    counts = np.concatenate([moved, (held - moved.sum(axis=2))[:, :, None]], axis=2)
    own = _own_rates(held, moved)
    shares = np.concatenate([own, 1 - own.sum(axis=1, keepdims=True)], axis=1)
    drawn = np.repeat(shares[None], len(STRENGTHS), axis=0)  # (strengths, stages, targets)
    strength = STRENGTHS[:, None, None]
    likelihood = np.zeros(drawn.shape[:2])
    found = np.empty((held.shape[1], *drawn.shape))
    for tenure in range(held.shape[1]):
        prior, seen = strength * drawn + LEAST_PRIOR, counts[None, :, tenure]
        likelihood += (gammaln(prior + seen) - gammaln(prior)).sum(axis=2)
        whole, all_seen = prior.sum(axis=2), seen.sum(axis=2)
        likelihood -= gammaln(whole + all_seen) - gammaln(whole)
        drawn = (seen + strength * drawn) / (all_seen[:, :, None] + strength)
        found[tenure] = drawn
    best = likelihood.argmax(axis=0)
    stages = np.arange(held.shape[0])
    rates: Floats = found[:, best, stages, : held.shape[0]].transpose(1, 0, 2)
    return rates


def _own_rates(held: Floats, moved: Floats) -> Floats:
    own: Floats = moved.sum(axis=1) / np.maximum(held.sum(axis=1), 1.0)[:, None]
    return own


def moving(
    spells: Spells,
    origin: int,
    horizon: int,
    rates: Callable[[Floats, Floats], Floats],
    coming: arrivals.Arrivals,
) -> Floats:
    """(stages, horizon): expected customers at the ends of the months after the origin.

    Args:
        spells: the lifecycle; of it, only what the end of month `origin` knows is read.
        origin: number of the last month that is known.
        horizon: months ahead.
        rates, coming: how customers leave and arrive, from the last year up to the origin.
    """
    steps = slice(max(origin - WINDOW, 0), origin)
    leaving = rates(spells.held[steps].sum(axis=0), spells.moved[steps].sum(axis=0))
    arriving = coming(spells.arrived[:, : origin + 1], horizon)
    now = spells.held[origin].copy()
    found = np.empty((spells.stages, horizon))
    for ahead in range(horizon):
        left = now[:, :, None] * leaving
        remaining = now - left.sum(axis=2)
        now = np.zeros_like(now)
        now[:, 1:] = remaining[:, :-1]
        now[:, LONGEST] += remaining[:, LONGEST]
        now[:, 0] = left.sum(axis=(0, 1)) + arriving[:, ahead]
        found[:, ahead] = now.sum(axis=1)
    return found


def _baseline(guess: baselines.Guess) -> Callable[[Spells, int, int], Floats]:
    return lambda spells, origin, horizon: baselines.not_below_zero(
        guess(spells.populations[:, : origin + 1], horizon)
    )


def _mover(
    rates: Callable[[Floats, Floats], Floats], coming: arrivals.Arrivals
) -> Callable[[Spells, int, int], Floats]:
    return lambda spells, origin, horizon: moving(spells, origin, horizon, rates, coming)


CANDIDATES: Mapping[Candidate, Callable[[Spells, int, int], Floats]] = {
    **{candidate: _baseline(guess) for candidate, guess in baselines.STOCKS.items()},
    Candidate("chain", False): _mover(pooled_rates, baselines.year_mean),
    Candidate("tenure", False): _mover(tenure_rates, baselines.year_mean),
    Candidate("tenure_recent", False): _mover(tenure_rates, baselines.recent_mean),
    Candidate("tenure_trend", False): _mover(tenure_rates, arrivals.trend),
    Candidate("tenure_fading", False): _mover(tenure_rates, arrivals.fading),
    Candidate("tenure_season", False, 2 * WINDOW): _mover(tenure_rates, arrivals.season),
}
"""The candidates, from the simplest to the most complex, and their forecasts (lifecycle, origin, horizon)."""


def rolled(spells: Spells, names: Sequence[str], minimum_months: int, horizon: int) -> Rolled:
    """The forecasts of all candidates at the end of every month from `minimum_months` whole months on.

    Args:
        spells: one lifecycle, with at least one whole month.
        names: its stages.
        minimum_months: whole months that the first origin knows.
        horizon: months ahead.
    """
    taking_part = with_history(CANDIDATES, spells.months, minimum_months)
    past = origins(spells.months, minimum_months)
    expected = np.array(
        [
            [forecast(spells, origin, horizon).T for origin in [*past, spells.months - 1]]
            for forecast in taking_part.values()
        ]
    )
    levels = np.sqrt(np.maximum(expected, 1.0))  # as counts vary
    return Rolled(
        candidates=list(taking_part),
        series=list(names),
        expected=expected[:, :-1],
        levels=levels[:, :-1],
        actual=outcomes(spells.populations, past, horizon),
        expected_now=expected[:, -1],
        levels_now=levels[:, -1],
        lowest=np.zeros(spells.stages),
        chosen_by=list(names),
        digits=6,
    )
