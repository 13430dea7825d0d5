"""Champion or nothing: models are fitted to what was known a while ago and judged by what came
after. Belongs here: who is tried, and the verdict. Does not belong here: the measures (`trial.py`),
or the fit that is published (`publication`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dagster_project.lifetime_value.btyd.beta_dropout import BG_NBD, MBG_CNBD, MBG_NBD
from dagster_project.lifetime_value.btyd.candidates import NAIVE, Result, Trial, judged, naive
from dagster_project.lifetime_value.btyd.fitting import Fit, Minimums, fit, fit_spend
from dagster_project.lifetime_value.btyd.model import PurchaseModel
from dagster_project.lifetime_value.btyd.nbd import PURE_NBD
from dagster_project.lifetime_value.btyd.pareto import PARETO_NBD
from dagster_project.lifetime_value.btyd.vocabulary import Reason, Status

CANDIDATES: tuple[PurchaseModel, ...] = (MBG_NBD, *MBG_CNBD, PARETO_NBD)
"""What may become champion."""
COMPARED: tuple[PurchaseModel, ...] = (BG_NBD,)
"""What is fitted for comparison only: with BG/NBD nobody who bought once ever leaves."""
MODELS: Mapping[str, PurchaseModel] = {
    model.family: model for model in (*CANDIDATES, *COMPARED, PURE_NBD)
}
"""All models by family, to read a registry row back."""
RELATIVE = ("relative_root_mean_square_error", "relative_mean_absolute_error")


@dataclass(frozen=True, eq=False)
class Verdict:
    """Who won.

    Attributes:
        champion: the winner, None if nothing may be published.
        reason: why scores are as they are, or why there are none.
        results: of all models and of `naive`, by family.
        spend: the fit of spend at the split, None without money.
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
    trial: Trial,
    models: Sequence[PurchaseModel] = CANDIDATES + COMPARED,
    seed: int = 0,
    minimums: Minimums | None = None,
) -> Verdict:
    """Tries the models, the naive forecast and, where data show no dropout, NBD.

    The champion is the candidate with the lowest root mean square error, if it beats the naive
    forecast in that and in mean absolute error. Not the one with the lowest absolute error: most
    customers buying nothing, that prefers forecasts that are too low, and what is published is a
    mean. The same arguments give the same verdict.

    Args:
        trial: customers at the split and what they did after it.
        models: what to try; only CANDIDATES among them can win.
        seed: of the draws that coverage needs.
        minimums: what is needed to fit at all.
    """
    cells = trial.gathered[0]
    spend = fit_spend(trial.spend_cells(), minimums=minimums) if trial.has_money else None
    baseline = naive(trial)
    fits = [fit(model, cells, minimums=minimums) for model in models]
    eligible = [done for done in fits if done.status is Status.OK and done.model in CANDIDATES]
    if any(done.status is Status.NO_DROPOUT for done in fits):
        # More regular models may then mistake the regularity that is not there for leaving.
        fits.append(fit(PURE_NBD, cells, minimums=minimums))
        eligible += [done for done in fits[-1:] if done.status is Status.OK]
    results = {NAIVE: baseline}
    results |= {done.family: judged(done, trial, spend, baseline, seed) for done in fits}
    if not eligible:
        return Verdict(None, Reason.NO_MODEL, results, spend)
    best = min(eligible, key=lambda done: results[done.family].measures[RELATIVE[0]])
    if max(results[best.family].measures[name] for name in RELATIVE) >= 1:
        return Verdict(None, Reason.NOT_BETTER_THAN_NAIVE, results, spend)
    reason = Reason.FALLBACK_NBD if best.model is PURE_NBD else Reason.SCORED
    return Verdict(best.model, reason, results, spend)
