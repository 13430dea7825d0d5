"""How money is forecast: expected orders at which mean of a purchase day, or the year before. Belongs here: the
choice. Does not belong here: the means (`revenue.py`)."""

from __future__ import annotations

from collections.abc import Mapping

from dagster_project.lifetime_value.btyd.candidates import Outcomes, Said
from dagster_project.lifetime_value.btyd.judging import Judged, amount_score, is_better, judged
from dagster_project.lifetime_value.btyd.vocabulary import Method

MATERIAL = 0.01  # share of the loss by which one mean must be better than another
MEANS = (Method.OWN_MEAN, Method.SHOP_MEAN)


def revenue_choice(
    what: Said, guesses: Mapping[str, Said], happened: Outcomes
) -> tuple[str, Judged | None]:
    """The method, and how all methods did; None where no money came."""
    if not happened.spent.any():
        return Method.OWN_MEAN, None
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
    if not is_better(scores[best], last_year, happened.customer):
        best = Method.LAST_YEAR
    return best, judged({Method.LAST_YEAR: last_year, **scores}, best, happened)
