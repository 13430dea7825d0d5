"""The backtest: forecasts are repeated at past origins and compared with what followed. Belongs here: the
candidates, and what earns publication. Does not belong here: what one candidate said (`candidates.py`), or the
fit that is published (`lifetime_value/registry.py`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dagster_project.lifetime_value.btyd import measures
from dagster_project.lifetime_value.btyd.beta_dropout import BG_NBD, MBG_CNBD, MBG_NBD
from dagster_project.lifetime_value.btyd.candidates import (
    Outcomes,
    Result,
    Said,
    measured,
    outcomes,
    said,
)
from dagster_project.lifetime_value.btyd.cells import Cells
from dagster_project.lifetime_value.btyd.fitting import Fit, Minimums, fit, fit_spend
from dagster_project.lifetime_value.btyd.guesses import guessed
from dagster_project.lifetime_value.btyd.judging import count_score, is_better, judged
from dagster_project.lifetime_value.btyd.levels import learned_levels
from dagster_project.lifetime_value.btyd.model import PurchaseModel
from dagster_project.lifetime_value.btyd.money import revenue_choice
from dagster_project.lifetime_value.btyd.nbd import PURE_NBD
from dagster_project.lifetime_value.btyd.pareto import PARETO_NBD
from dagster_project.lifetime_value.btyd.purchases import Purchases, Split
from dagster_project.lifetime_value.btyd.totals import PastTotals, past_totals
from dagster_project.lifetime_value.btyd.verdict import Verdict
from dagster_project.lifetime_value.btyd.vocabulary import Method, Reason, Status

CANDIDATES: tuple[PurchaseModel, ...] = (MBG_NBD, *MBG_CNBD, PARETO_NBD)
"""The models that may become champion."""
COMPARED: tuple[PurchaseModel, ...] = (BG_NBD,)
"""The models that are fitted for comparison only: in BG/NBD a customer who bought once never leaves."""
MODELS: Mapping[str, PurchaseModel] = {
    model.family: model for model in (*CANDIDATES, *COMPARED, PURE_NBD)
}
"""All models by family, to restore a fit from its registry row."""
FEWEST_ORIGINS = 3
NO_TABLE = np.empty((0, 3))


def backtest(
    purchases: Purchases,
    longest: int,
    models: Sequence[PurchaseModel] = CANDIDATES + COMPARED,
    seed: int = 0,
    minimums: Minimums | None = None,
) -> Verdict:
    """Chooses the family by all history, and lets it forecast from past origins.

    - **Family**: the highest log-likelihood of all purchase times among CANDIDATES, or NBD where a candidate
      sees nobody leave. Likelihoods of different regularity compare, as the times between purchases are in
      them.
    - **Orders**: the champion's log score over all origins must beat that of what a person would guess (the
      rate so far, the year before pro rata) beyond noise; else the better guess is published, by its name.
      All are judged with the dispersion that suits them best (`judging.py`).
    - **Money**: the shrunk mean (Gamma-Gamma), unless the customer's own or the shop's mean forecasts better by
      1 % and beyond noise; and the whole must beat the money of the year before, pro rata.
    - **Intervals**: quantile levels are those that would have held, learned from other origins than they are
      judged on (`levels.py`).

    The same arguments give the same verdict.

    Args:
        purchases: purchase days of the customers of the backtest.
        longest: the longest holdout, in days.
        models: models to compare; only those in CANDIDATES can become champion.
        seed: seed of the draws that coverage needs.
        minimums: the least data that a model is fitted to.
    """
    cells = purchases.cells()
    fits = _fitted(models, cells, minimums)
    likelihoods = {
        done.family: comparable(done, cells.purchases, purchases.log_gaps)
        for done in fits
        if done.status in (Status.OK, Status.NO_DROPOUT)
    }
    holdout, origins = purchases.origins(longest)
    splits = [purchases.split(origin, holdout) for origin in origins]
    splits = [split for split in splits if (minimums or Minimums()).are_met(split.gathered[0])]
    results = {
        done.family: Result(done.family, done, None, None, {}, likelihoods.get(done.family))
        for done in fits
    }
    eligible = [
        done for done in fits if done.status is Status.OK and done.model in (*CANDIDATES, PURE_NBD)
    ]
    if not eligible:
        return Verdict(None, Reason.NO_MODEL, results, splits)
    if len(splits) < FEWEST_ORIGINS:
        return Verdict(None, Reason.HISTORY_TOO_SHORT, results, splits)
    happened, guesses = outcomes(splits), guessed(splits)
    for name, guess in guesses.items():
        results[name] = _result(Result(name, None, None, guess, {}), happened, guesses)
    # Less one for each parameter (Akaike 1974), so that a model with dropout is not chosen by chance where
    # there is none.
    for best in sorted(eligible, key=lambda done: len(done.names) - likelihoods[done.family]):
        if (tested := _refitted(best, splits, minimums)) is not None:
            break
    else:
        return Verdict(None, Reason.NO_MODEL, results, splits)
    spends = [fit_spend(split.spend_cells(), minimums=minimums) for split in splits]
    what = said(tested, splits, spends, seed)
    results[best.family] = _result(
        Result(best.family, best, tested[0], what, {}, likelihoods[best.family]), happened, guesses
    )
    return _verdict(best, what, guesses, happened, results, splits, past_totals(tested, splits))


def _fitted(models: Sequence[PurchaseModel], cells: Cells, minimums: Minimums | None) -> list[Fit]:
    """All models, and NBD where one sees nobody leave."""
    fits = [fit(model, cells, minimums=minimums) for model in models]
    if any(done.status is Status.NO_DROPOUT for done in fits):
        fits.append(fit(PURE_NBD, cells, minimums=minimums))
    return fits


def _verdict(
    best: Fit,
    what: Said,
    guesses: Mapping[str, Said],
    happened: Outcomes,
    results: Mapping[str, Result],
    splits: Sequence[Split],
    totals: PastTotals,
) -> Verdict:
    """What earned publication."""
    scores = {
        name: count_score(guess.orders, happened.purchases) for name, guess in guesses.items()
    }
    guess = max(scores, key=lambda name: (scores[name].sum(), name))
    scores[best.family] = count_score(what.orders, happened.purchases)
    if not is_better(scores[best.family], scores[guess], happened.customer):
        return Verdict(
            None,
            Reason.NOT_BETTER_THAN_NAIVE,
            results,
            splits,
            orders_method=guess,
            revenue_method=Method.LAST_YEAR if happened.spent.any() else None,
            judged={"orders": judged(scores, guess, happened)},
        )
    revenue_method, by_money = revenue_choice(what, guesses, happened)
    is_shrunk = revenue_method == Method.SHRUNK_MEAN
    return Verdict(
        best.model,
        Reason.FALLBACK_NBD if best.model is PURE_NBD else Reason.SCORED,
        results,
        splits,
        orders_method=best.family,
        revenue_method=revenue_method,
        levels={
            "orders": learned_levels(what.placed, happened.origin),
            "revenue": learned_levels(what.placed_spend, happened.origin) if is_shrunk else None,
        },
        totals=totals,
        judged={
            "orders": judged(scores, best.family, happened),
            **({"revenue": by_money} if by_money else {}),
        },
    )


def comparable(done: Fit, gaps: float, log_gaps: float) -> float:
    """The log-likelihood with the factor that fits leave out: for k events per purchase, each time t between
    purchases contributes t^(k - 1) / (k - 1)!.

    Args:
        done: the fit.
        gaps: number of times between purchases.
        log_gaps: sum of their logarithms, in the unit of the fit.
    """
    k = done.model.regularity if done.model else 1
    return done.log_likelihood + (k - 1) * log_gaps - gaps * math.lgamma(k)


def _result(blank: Result, happened: Outcomes, guesses: Mapping[str, Said]) -> Result:
    """The result with its measures."""
    what = blank.said
    assert what is not None
    method = next(
        (m for m in (Method.SHRUNK_MEAN, Method.OWN_MEAN, Method.LAST_YEAR) if m in what.revenue),
        None,
    )
    bought = (happened.purchases > 0).astype(np.float64)
    return replace(
        blank,
        measures=measured(what, happened, guesses[Method.NAIVE], method),
        calibration=measures.calibration(what.active, bought) if len(what.active) else NO_TABLE,
        lift=measures.lift(what.orders, happened.purchases),
    )


def _refitted(done: Fit, splits: Sequence[Split], minimums: Minimums | None) -> list[Fit] | None:
    """The fit as it would have been at each origin; None where one fails. Searches start from the fit to all
    history, which saves steps and hardly changes where they end."""
    assert done.model is not None
    found = []
    for split in splits:
        cells = split.gathered[0]
        again = fit(done.model, cells, done.parameters, minimums)
        if again.status is Status.NOT_CONVERGED:
            again = fit(done.model, cells, None, minimums)
        if again.status is Status.NO_DROPOUT:
            again = fit(PURE_NBD, cells, None, minimums)
        if again.status is not Status.OK:
            return None
        found.append(again)
    return found
