"""Models in which a customer may leave after each purchase; the chance differs by customer and is
beta-distributed.

BG/NBD (Fader, Hardie and Lee 2005, "Counting your customers the easy way"): a customer leaves after a
repeat purchase at the earliest. MBG/NBD (Batislam, Denizel and Filiztekin 2007): a customer may leave
after the first purchase. MBG/CNBD-k (Platzer and Reutterer 2016, "Ticking away the moments"): only
every k-th of the customer's events is a purchase, which makes purchases more regular; k = 1 is MBG/NBD.

Belongs here: their formulas. Does not belong here: the search for parameters, and scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from scipy import special

from dagster_project.lifetime_value.btyd import renewal
from dagster_project.lifetime_value.btyd.cells import Cells, Floats, weighted_sums
from dagster_project.lifetime_value.btyd.counts import Counts

LEAST_DROPOUT = 1e-4


@dataclass(frozen=True)
class BetaDropout:
    """Event rate from Gamma(r, alpha), chance to leave after each purchase from Beta(a, b).

    Attributes:
        family: the model's name.
        regularity: k, events per purchase.
        leaves_at_once: whether a customer may leave after the first purchase.
    """

    family: str
    regularity: int = 1
    leaves_at_once: bool = True

    names = ("r", "alpha", "a", "b")
    times = ("alpha",)
    starts = ((0.5, 0.3, 0.8, 2.0), (2.0, 1.0, 0.2, 1.0))
    highest: ClassVar[Mapping[str, float]] = MappingProxyType({})

    def _survived(self, cells: Cells) -> Floats:
        """Number of purchases after which a customer may leave."""
        return cells.frequency + (1.0 if self.leaves_at_once else 0.0)

    def _terms(self, parameters: Floats, cells: Cells) -> Floats:
        """Logarithms of the likelihoods of the ways to the observed history, (1 + k, n), without their
        common factor: the customer left after the last purchase, or is alive and 0, 1, ... k - 1 events
        have passed since."""
        r, alpha, a, b = parameters
        survived, shape = self._survived(cells), r + self.regularity * cells.frequency
        idle, scale = cells.age - cells.recency, alpha + cells.age
        terms = np.zeros((1 + self.regularity, len(cells)))
        with np.errstate(divide="ignore"):
            share = np.log(idle / scale)  # -inf on the day of a purchase: no event can have passed
        odds = np.log(a) - np.log(np.where(survived > 0, b + survived - 1, 1.0))
        left = shape * np.log1p(idle / (alpha + cells.recency)) + odds
        terms[0] = np.where(survived > 0, left, -np.inf)
        for stage in range(1, self.regularity):
            terms[1 + stage] = terms[stage] + np.log((shape + stage - 1) / stage) + share
        return terms

    def log_likelihood(self, parameters: Floats, cells: Cells) -> tuple[float, Floats]:
        """Fader, Hardie and Lee 2005, eq. 6, and its counterparts in the other models. For k > 1 the
        factor that depends only on the times between purchases is left out, so that values compare for
        equal k only."""
        r, alpha, a, b = parameters
        k, survived = self.regularity, self._survived(cells)
        shape, scale = r + k * cells.frequency, alpha + cells.age
        terms = self._terms(parameters, cells)
        top = terms.max(axis=0)
        ways = np.exp(terms - top)
        total = ways.sum(axis=0)
        ways /= total
        left = ways[0]
        distinct, back = cells.by_frequency
        rate, kept = r + k * distinct, b + distinct + (1.0 if self.leaves_at_once else 0.0)
        constant = special.gammaln(rate) - special.gammaln(r) + r * np.log(alpha)
        constant += special.betaln(a, kept) - special.betaln(a, b)
        each = constant[back] - shape * np.log(scale) + top + np.log(total)
        since_last = np.log1p((cells.age - cells.recency) / (alpha + cells.recency))
        gradient = np.empty((4, len(cells)))
        gradient[0] = (special.psi(rate) - special.psi(r))[back] - np.log(scale / alpha)
        gradient[0] += left * since_last
        gradient[1] = r / alpha - shape / scale
        gradient[1] += left * shape * (1 / scale - 1 / (alpha + cells.recency))
        for stage in range(1, k):
            beyond = ways[1 + stage :].sum(axis=0)
            gradient[0] += beyond / (shape + stage - 1)
            gradient[1] -= beyond / scale
        both = special.psi(a + b) - special.psi(a + kept)
        gradient[2] = both[back] + left / a
        gradient[3] = (both + special.psi(kept) - special.psi(b))[back]
        gradient[3] -= np.where(survived > 0, left / np.maximum(b + survived - 1, 1e-300), 0.0)
        return weighted_sums(cells.weight, each, gradient)

    def has_dropout(self, parameters: Floats, cells: Cells) -> bool:
        """Whether the mean chance to leave after a purchase is more than one in ten thousand."""
        _, _, a, b = parameters
        return bool(a / (a + b) > LEAST_DROPOUT)

    def _ways(self, parameters: Floats, cells: Cells) -> tuple[Floats, Floats]:
        """P(alive), (n,), and the chances of the k stages of a customer who is alive, (n, k)."""
        terms = self._terms(parameters, cells)
        stages = np.exp(terms[1:] - terms[1:].max(axis=0))
        alive = special.logsumexp(terms[1:], axis=0)
        return special.expit(alive - terms[0]), (stages / stages.sum(axis=0)).T

    def probability_alive(self, parameters: Floats, cells: Cells) -> Floats:
        """1 / (1 + left / alive), a ratio of likelihoods. **In BG/NBD it is 1 for every customer who bought
        once.**"""
        return self._ways(parameters, cells)[0]

    def _by_stage(self, parameters: Floats, cells: Cells, horizon: float, pairs: bool) -> Floats:
        """Mean over the stages of a quantity that depends, for a customer who is alive, on frequency and
        age alone."""
        r, alpha, a, b = parameters
        first, group = cells.by_age
        shape = r + self.regularity * cells.frequency[first]
        odds = horizon / (alpha + cells.age[first])
        kept = b + self._survived(cells)[first]
        of = renewal.pairs if pairs else renewal.mean
        if self.regularity == 1:
            return of(shape, odds, a, kept, 1, 0)[group]
        stages = self._ways(parameters, cells)[1]
        means = [of(shape + s, odds, a, kept, self.regularity, s) for s in range(self.regularity)]
        result: Floats = (stages * np.stack(means, axis=1)[group]).sum(axis=1)
        return result

    def expected_if_alive(self, parameters: Floats, cells: Cells, horizon: float) -> Floats:
        """Fader, Hardie and Lee 2005, eq. 10, in a form without cancellation; also exact for k > 1."""
        return self._by_stage(parameters, cells, horizon, pairs=False)

    def pairs_if_alive(self, parameters: Floats, cells: Cells, horizon: float) -> Floats:
        """E[Y (Y - 1)]; for k > 1 to four digits."""
        return self._by_stage(parameters, cells, horizon, pairs=True)

    def time_to_next(self, parameters: Floats, cells: Cells) -> Floats:
        """Events still to come over the mean event rate."""
        r, alpha, _, _ = parameters
        stage = np.arange(self.regularity)
        shape = (r + self.regularity * cells.frequency)[:, None] + stage
        waits = (self.regularity - stage) * (alpha + cells.age)[:, None] / shape
        result: Floats = (self._ways(parameters, cells)[1] * waits).sum(axis=1)
        return result

    def counts(self, parameters: Floats, cells: Cells, horizon: float) -> Counts:
        """P(Y >= y) = P(alive) P(NB >= y) E[(1 - p)^(y - 1)]; for k > 1 a mixture over the
        stages."""
        r, alpha, a, b = parameters
        alive, stages = self._ways(parameters, cells)
        first, group = cells.by_age
        shape = (r + self.regularity * cells.frequency[first])[:, None] + np.arange(self.regularity)
        odds = (horizon / (alpha + cells.age[first]))[:, None]
        kept = b + self._survived(cells)[first]
        return Counts(
            alive, group, stages, np.ones_like(odds), shape, odds, self.regularity, (a, kept)
        )


BG_NBD = BetaDropout("bg_nbd", leaves_at_once=False)
MBG_NBD = BetaDropout("mbg_nbd")
MBG_CNBD = tuple(BetaDropout(f"mbg_cnbd_{k}", regularity=k) for k in (2, 3, 4))
