"""The distribution of a customer's purchases within a horizon. It has one form for every model: for a
customer who is alive, a mixture of negative binomials, thinned by dropout. Belongs here: its tails and
quantiles. Does not belong here: how a model derives its mixture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from dagster_project.lifetime_value.btyd.cells import Floats

STEPS = 192  # tails summed one by one; the few higher quantiles are found by bisection
BLOCK = 65_536
MOST = 2.0**62  # quantiles are capped here, at a whole number that any engine holds


@dataclass(frozen=True, eq=False)
class Counts:
    """The distribution of Y, the number of purchases:

        P(Y >= y) = P(alive) E[survives y - 1 purchases]
                    sum_s outer_s sum_j inner_j P(NB_sj >= stride y - done_s).

    Many cells share their tails, so that tails are held for groups of cells. The axes are n cells, g
    groups, s stages (how many of the `stride` events towards the next purchase have passed) and j
    components.

    Attributes:
        alive: P(alive), (n,).
        group: group of each cell, (n,).
        outer: weights of the stages, (n, s).
        inner: weights of the components, (g, j).
        shape: gamma shape of the event rate, (g, s).
        odds: horizon over the scale of the event rate, (g, j).
        stride: events per purchase.
        dropout: parameter a and, for each group, parameter b of the beta-distributed chance to leave
            after a purchase; None if leaving does not depend on purchases.
    """

    alive: Floats
    group: NDArray[np.intp]
    outer: Floats
    inner: Floats
    shape: Floats
    odds: Floats
    stride: int = 1
    dropout: tuple[float, Floats] | None = None

    def at_least(self, number: Floats) -> Floats:
        """P(Y >= number), (n,); `number` >= 0, (n,)."""
        blocks = [
            self._at_least(np.arange(first, min(first + BLOCK, len(number))), number)
            for first in range(0, len(number), BLOCK)
        ]
        return np.concatenate(blocks) if blocks else np.empty(0)

    def _at_least(self, cell: NDArray[np.intp], number: Floats) -> Floats:
        group = self.group[cell]
        y = np.maximum(number[cell], 1.0)
        q = self.odds / (1 + self.odds)
        tail = np.zeros(len(cell))
        for stage in range(self.outer.shape[1]):
            events = (self.stride * y - stage)[:, None]
            at_least = special.betainc(events, self.shape[group, stage][:, None], q[group])
            tail += self.outer[cell, stage] * (self.inner[group] * at_least).sum(axis=1)
        if self.dropout is not None:
            a, b = self.dropout[0], self.dropout[1][group]
            tail *= np.exp(log_rising_ratio(b, a, y - 1))
        return np.where(number[cell] < 1, 1.0, np.clip(self.alive[cell] * tail, 0.0, 1.0))

    def quantiles(self, levels: tuple[float, ...]) -> list[Floats]:
        """For each level, the smallest y with P(Y <= y) >= level, (n,)."""
        limits = 1 - np.array(levels)
        found = np.zeros((len(limits), len(self.alive)))
        for first in range(0, len(self.alive), BLOCK):
            last = first + BLOCK
            found[:, first:last] = self._stepwise(np.arange(len(self.alive))[first:last], limits)
        for level, limit in enumerate(limits):
            far = np.flatnonzero(found[level] >= STEPS)
            if len(far):
                found[level, far] = self._bisected(far, float(limit))
        return list(found)

    def _stepwise(self, cells: NDArray[np.intp], limits: Floats) -> Floats:
        """For each bound, the number of y up to STEPS with P(Y >= y) above it."""
        groups, group = np.unique(self.group[cells], return_inverse=True)
        shape, odds = self.shape[groups][:, :, None], self.odds[groups][:, None, :]
        inner = self.inner[groups][:, None, :]
        log_q, stages = np.log(odds) - np.log1p(odds), self.outer.shape[1]
        log_mass = -shape * np.log1p(odds)  # of exactly `events` events
        tail = np.ones_like(log_mass)
        events = np.zeros((1, stages, 1))
        kept = np.ones(len(groups))
        found = np.zeros((len(limits), len(cells)))
        going, lowest = np.arange(len(cells)), float(limits.min())
        for y in range(1, STEPS + 1):
            for number in range(self.stride):
                # In stage s, s of the events towards the first purchase have passed.
                counted = (y > 1) | (number < self.stride - np.arange(stages))[None, :, None]
                tail = np.where(counted, tail - np.exp(log_mass), tail)
                growth = np.log((shape + events) / (events + 1)) + log_q
                log_mass = np.where(counted, log_mass + growth, log_mass)
                events = events + counted
            mixed = (inner * tail).sum(axis=2) * kept[:, None]
            here = cells[going]
            chance = self.alive[here] * (self.outer[here] * mixed[group[going]]).sum(axis=1)
            found[:, going] += chance > limits[:, None]
            going = going[chance > lowest]
            if not len(going):
                break
            if self.dropout is not None:
                a, b = self.dropout[0], self.dropout[1][groups]
                kept = kept * (b + y - 1) / (a + b + y - 1)
        return found

    def _bisected(self, cells: NDArray[np.intp], limit: float) -> Floats:
        part = Counts(
            self.alive[cells],
            self.group[cells],
            self.outer[cells],
            self.inner,
            self.shape,
            self.odds,
            self.stride,
            self.dropout,
        )
        low = np.full(len(cells), float(STEPS))  # P(Y >= low) is above the bound
        high = 2 * low
        while (above := (part.at_least(high) > limit) & (high < MOST)).any():
            low, high = np.where(above, high, low), np.where(above, 2 * high, high)
        while (high - low > np.maximum(1.0, low * 1e-15)).any():
            middle = np.floor((low + high) / 2)
            above = part.at_least(middle) > limit
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return low


def log_rising_ratio(b: Floats, a: float, count: Floats) -> Floats:
    """Logarithm of the mean of (1 - p)^count for p from Beta(a, b), without loss of digits for large b."""
    result: Floats = special.betaln(a, b + count) - special.betaln(a, b)
    return result
