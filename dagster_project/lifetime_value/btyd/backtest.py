"""The backtest: forecasts are repeated at past origins and compared with what followed. Belongs here: the
candidates, and what earns publication. Does not belong here: what one candidate said (`candidates.py`), or the
fit that is published (`lifetime_value/registry.py`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dagster_project.lifetime_value.btyd import measures
from dagster_project.lifetime_value.btyd.beta_dropout import BG_NBD, MBG_CNBD, MBG_NBD
from dagster_project.lifetime_value.btyd.candidates import (
    Outcomes,
    Result,
    Said,
    baselines,
    measured,
    outcomes,
    said,
)
from dagster_project.lifetime_value.btyd.fitting import Fit, Minimums, fit, fit_spend
from dagster_project.lifetime_value.btyd.judging import amount_score, count_score, is_better
from dagster_project.lifetime_value.btyd.levels import Levels, learned_levels
from dagster_project.lifetime_value.btyd.model import PurchaseModel
from dagster_project.lifetime_value.btyd.nbd import PURE_NBD
from dagster_project.lifetime_value.btyd.pareto import PARETO_NBD
from dagster_project.lifetime_value.btyd.purchases import Purchases, Split
from dagster_project.lifetime_value.btyd.totals import PastTotals, past_totals
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
MATERIAL = 0.01  # share of the loss by which one mean must be better than another
MEANS = (Method.OWN_MEAN, Method.SHOP_MEAN)


@dataclass(frozen=True, eq=False)
class Verdict:
    """The outcome of a backtest.

    Attributes:
        champion: the model that forecasts; None if none earned it.
        reason: how the scores come about, or why there are none.
        orders_method: the champion's family, or the baseline that is published in its place; None for nothing.
        revenue_method: how money is forecast; None for nothing.
        results: results of all models and baselines, by family. Only the champion and the baselines forecast
            from past origins: the others were less likely by all history.
        splits: the origins with what followed, newest first.
        levels: quantile levels of intervals that held what they say, for orders and for money.
        totals: how far past totals were off; None without a champion.
    """

    champion: PurchaseModel | None
    reason: Reason
    orders_method: str | None
    revenue_method: str | None
    results: Mapping[str, Result]
    splits: Sequence[Split]
    levels: Mapping[str, Levels | None]
    totals: PastTotals | None

    @property
    def best(self) -> Result | None:
        """The result of what is published; the naive forecast's if nothing is."""
        return self.results.get(self.orders_method or Method.NAIVE)


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
    fits = [fit(model, cells, minimums=minimums) for model in models]
    eligible = [done for done in fits if done.status is Status.OK and done.model in CANDIDATES]
    if any(done.status is Status.NO_DROPOUT for done in fits):
        fits.append(fit(PURE_NBD, cells, minimums=minimums))
        eligible += [done for done in fits[-1:] if done.status is Status.OK]
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
    nothing = Verdict(None, Reason.NO_MODEL, None, None, results, splits, {}, None)
    if not eligible:
        return nothing
    if len(splits) < FEWEST_ORIGINS:
        return Verdict(None, Reason.HISTORY_TOO_SHORT, None, None, results, splits, {}, None)
    happened = outcomes(splits)
    guesses = baselines(splits, happened)
    spends = [fit_spend(split.spend_cells(), minimums=minimums) for split in splits]
    for name, guess in guesses.items():
        results[name] = _result(name, None, None, guess, happened, guesses, None)
    tested: list[Fit] | None = None
    # Less one for each parameter (Akaike 1974), so that a model with dropout is not chosen by chance where
    # there is none.
    for best in sorted(eligible, key=lambda done: len(done.names) - likelihoods[done.family]):
        if (tested := _refitted(best, splits, minimums)) is not None:
            break
    if tested is None or best.model is None:
        return nothing
    what = said(tested, splits, spends, seed)
    results[best.family] = _result(
        best.family, best, tested[0], what, happened, guesses, likelihoods[best.family]
    )
    scores = {
        name: count_score(guess.orders, happened.purchases) for name, guess in guesses.items()
    }
    best_guess = max(scores, key=lambda name: (scores[name].sum(), name))
    own_score = count_score(what.orders, happened.purchases)
    if not is_better(own_score, scores[best_guess], happened.customer):
        revenue = Method.LAST_YEAR if happened.spent.any() else None
        return Verdict(
            None, Reason.NOT_BETTER_THAN_NAIVE, best_guess, revenue, results, splits, {}, None
        )
    revenue_method = _revenue_method(what, guesses, happened)
    levels = {
        "orders": learned_levels(what.placed, happened.origin),
        "revenue": learned_levels(what.placed_spend, happened.origin)
        if revenue_method == Method.SHRUNK_MEAN
        else None,
    }
    reason = Reason.FALLBACK_NBD if best.model is PURE_NBD else Reason.SCORED
    totals = past_totals(tested, splits)
    return Verdict(best.model, reason, best.family, revenue_method, results, splits, levels, totals)


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


def _result(
    name: str,
    done: Fit | None,
    tested: Fit | None,
    what: Said,
    happened: Outcomes,
    guesses: Mapping[str, Said],
    likelihood: float | None,
) -> Result:
    method = next(
        (m for m in (Method.SHRUNK_MEAN, Method.OWN_MEAN, Method.LAST_YEAR) if m in what.revenue),
        None,
    )
    found = measured(what, happened, guesses[Method.NAIVE], method)
    lift = measures.lift(what.orders, happened.purchases)
    table = np.empty((0, 3))
    if len(what.active):
        table = measures.calibration(what.active, (happened.purchases > 0).astype(np.float64))
    return Result(name, done, tested, what, found, likelihood, table, lift)


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


def _revenue_method(what: Said, guesses: Mapping[str, Said], happened: Outcomes) -> str:
    if not happened.spent.any():
        return Method.OWN_MEAN
    scores = {name: amount_score(mean, happened.spent) for name, mean in what.revenue.items()}
    best = max(
        (name for name in scores if name in MEANS), key=lambda name: (scores[name].sum(), name)
    )
    shrunk = scores.get(Method.SHRUNK_MEAN)
    if shrunk is not None:
        is_material = scores[best].sum() > (1 - MATERIAL) * shrunk.sum()
        if not (is_material and is_better(scores[best], shrunk, happened.customer)):
            best = Method.SHRUNK_MEAN
    last_year = amount_score(guesses[Method.LAST_YEAR].revenue[Method.LAST_YEAR], happened.spent)
    return best if is_better(scores[best], last_year, happened.customer) else Method.LAST_YEAR
