"""The backtest: candidates are fitted to the history up to a split and compared on the holdout after
it. Belongs here: the list of candidates, and the choice of a champion or none. Does not belong here: the
measures of one candidate (`candidates.py`), or the fit that is published (`lifetime_value/registry.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dagster_project.lifetime_value.btyd.beta_dropout import BG_NBD, MBG_CNBD, MBG_NBD
from dagster_project.lifetime_value.btyd.candidates import NAIVE, Result, Split, evaluated, naive
from dagster_project.lifetime_value.btyd.fitting import Fit, Minimums, fit, fit_spend
from dagster_project.lifetime_value.btyd.model import PurchaseModel
from dagster_project.lifetime_value.btyd.nbd import PURE_NBD
from dagster_project.lifetime_value.btyd.pareto import PARETO_NBD
from dagster_project.lifetime_value.btyd.vocabulary import Reason, Status

CANDIDATES: tuple[PurchaseModel, ...] = (MBG_NBD, *MBG_CNBD, PARETO_NBD)
"""The models that may become champion."""
COMPARED: tuple[PurchaseModel, ...] = (BG_NBD,)
"""The models that are fitted for comparison only: in BG/NBD a customer who bought once never leaves."""
MODELS: Mapping[str, PurchaseModel] = {
    model.family: model for model in (*CANDIDATES, *COMPARED, PURE_NBD)
}
"""All models by family, to restore a fit from its registry row."""
RELATIVE = ("relative_root_mean_square_error", "relative_mean_absolute_error")


@dataclass(frozen=True, eq=False)
class Verdict:
    """The outcome of a backtest.

    Attributes:
        champion: the best model; None if nothing may be published.
        reason: how the scores come about, or why there are none.
        results: results of all models and of `naive`, by family.
        spend: the fit of spend at the split; None without money.
    """

    champion: PurchaseModel | None
    reason: Reason
    results: Mapping[str, Result]
    spend: Fit | None

    @property
    def best(self) -> Result:
        """The champion's result; the naive forecast's if there is no champion."""
        return self.results[self.champion.family if self.champion else NAIVE]


def backtest(
    split: Split,
    models: Sequence[PurchaseModel] = CANDIDATES + COMPARED,
    seed: int = 0,
    minimums: Minimums | None = None,
) -> Verdict:
    """Compares the models, the naive forecast and, where the data show no dropout, NBD.

    The champion is the candidate with the lowest root mean square error, if it beats the naive
    forecast in that and in mean absolute error. The mean absolute error alone would not do: most
    customers buy nothing, so it prefers forecasts that are too low, while the published forecast is
    a mean. The same arguments give the same verdict.

    Args:
        split: customers at the split and what they did in the holdout after it.
        models: models to compare; only those in CANDIDATES can become champion.
        seed: seed of the draws that coverage needs.
        minimums: the least data that a model is fitted to.
    """
    cells = split.gathered[0]
    spend = fit_spend(split.spend_cells(), minimums=minimums) if split.has_money else None
    baseline = naive(split)
    fits = [fit(model, cells, minimums=minimums) for model in models]
    eligible = [done for done in fits if done.status is Status.OK and done.model in CANDIDATES]
    if any(done.status is Status.NO_DROPOUT for done in fits):
        # Without dropout, the more regular models may explain irregular purchases by customers leaving.
        fits.append(fit(PURE_NBD, cells, minimums=minimums))
        eligible += [done for done in fits[-1:] if done.status is Status.OK]
    results = {NAIVE: baseline}
    results |= {done.family: evaluated(done, split, spend, baseline, seed) for done in fits}
    if not eligible:
        return Verdict(None, Reason.NO_MODEL, results, spend)
    best = min(eligible, key=lambda done: results[done.family].measures[RELATIVE[0]])
    if max(results[best.family].measures[name] for name in RELATIVE) >= 1:
        return Verdict(None, Reason.NOT_BETTER_THAN_NAIVE, results, spend)
    reason = Reason.FALLBACK_NBD if best.model is PURE_NBD else Reason.SCORED
    return Verdict(best.model, reason, results, spend)
