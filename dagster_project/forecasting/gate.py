"""What of a forecast is published: the choice among candidates, and for every series whether the chosen one
earned it. Belongs here: the steps from forecasts of past origins to reasons. Does not belong here: how
candidates forecast, or how results are stored (`tables.py`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dagster_project.forecasting import intervals
from dagster_project.forecasting.backtest import Choice, choose, compare
from dagster_project.forecasting.vocabulary import LEAST_ORIGINS, Candidate, Reason

Floats = NDArray[np.float64]
# Score of an outcome: outcome, forecast, spread, number of other origins.
Score = Callable[[Floats, Floats, Floats, float], Floats]


@dataclass(frozen=True, eq=False)
class Rolled:
    """Forecasts of all candidates at past origins and today.

    Attributes:
        candidates: from the simplest to the most complex.
        series: names of the series.
        expected: (candidates, origins, months ahead, series), origins in the order of time.
        levels: the same shape, what errors are proportional to.
        actual: (origins, months ahead, series); NaN where it is not over.
        expected_now: (candidates, months ahead, series) the forecast of today.
        levels_now: the same shape.
        lowest: (series) no interval goes below; -inf for no bound.
        chosen_by: series whose scores choose the candidate: the others only have to hold.
        digits: decimals that intervals are served with.
    """

    candidates: Sequence[Candidate]
    series: Sequence[str]
    expected: Floats
    levels: Floats
    actual: Floats
    expected_now: Floats
    levels_now: Floats
    lowest: Floats
    chosen_by: Sequence[str]
    digits: int


@dataclass(frozen=True, eq=False)
class Series:
    """One series of the chosen candidate. Arrays are as in `Rolled`, without candidates and series.

    Attributes:
        name: of the series.
        reason: `forecast` where it is published.
        low, high: (origins, months ahead) interval, learned from the other origins.
        learned_from: (origins) number of errors it was learned from.
        low_now, high_now: (months ahead) interval of the forecast of today.
    """

    name: str
    reason: Reason
    low: Floats
    high: Floats
    learned_from: Floats
    low_now: Floats
    high_now: Floats


@dataclass(frozen=True, eq=False)
class Gated:
    """What is published.

    Attributes:
        rolled: what was judged, with only the months ahead that at least three origins can judge.
        choice: the candidate, and how the others compare.
        scores: (candidates, series, origins) summed over the months ahead.
        held: (candidates, series, outcomes) whether the interval held the outcome, which it was not learned
            from.
        series: by name; empty when nothing was chosen.
        judged_months: months ahead, from 1, that at least three origins can judge.
    """

    rolled: Rolled
    choice: Choice
    scores: Floats
    held: NDArray[np.bool_]
    series: dict[str, Series]
    judged_months: int

    @property
    def winner(self) -> int:
        """Number of the chosen candidate."""
        return [one.name for one in self.rolled.candidates].index(self.method or "")

    @property
    def method(self) -> str | None:
        """Name of the chosen candidate."""
        return self.choice.winner.name if self.choice.winner else None


def gated(rolled: Rolled, score: Score) -> Gated:
    """Chooses a candidate and judges each of its series. The same arguments give the same result."""
    judged = judged_months(rolled.actual)
    count, places = len(rolled.candidates), range(len(rolled.series))
    if judged == 0:
        nothing = Choice(None, Reason.HISTORY_TOO_SHORT, ())
        none = np.empty((count, len(rolled.series), 0))
        return Gated(rolled, nothing, none, none.astype(bool), {}, 0)
    cut = _cut(rolled, int(np.isfinite(rolled.actual[:, 0, 0]).sum()), judged)
    scores = np.array(
        [[_scored(cut, one, place, score) for place in places] for one in range(count)]
    )
    choice = choose(scores[:, chosen_by(cut)].sum(axis=1), rolled.candidates, judged)
    learned = [[_intervals(cut, one, place) for place in places] for one in range(count)]
    known = np.isfinite(cut.actual[:, :, 0])
    held = np.array(
        [
            [
                (cut.actual[:, :, place] >= low)[known] & (cut.actual[:, :, place] <= high)[known]
                for place, (low, high, *_) in enumerate(row)
            ]
            for row in learned
        ]
    )
    gate = Gated(cut, choice, scores, held, {}, judged)
    for place, name in enumerate(cut.series):
        low, high, low_now, high_now, widths = learned[gate.winner][place]
        reason = _reason(gate, place)
        gate.series[name] = Series(name, reason, low, high, widths.learned_from, low_now, high_now)
    return gate


def chosen_by(rolled: Rolled) -> list[int]:
    """Numbers of the series whose scores choose."""
    return [list(rolled.series).index(name) for name in rolled.chosen_by]


def judged_months(actual: Floats) -> int:
    """Months ahead that at least three origins can judge."""
    return int((np.isfinite(actual[:, :, 0]).sum(axis=0) >= LEAST_ORIGINS).sum())


def _cut(rolled: Rolled, origins: int, judged: int) -> Rolled:
    return replace(
        rolled,
        expected=rolled.expected[:, :origins, :judged],
        levels=rolled.levels[:, :origins, :judged],
        actual=rolled.actual[:origins, :judged],
    )


def _scored(cut: Rolled, one: int, place: int, score: Score) -> Floats:
    """(origins) scores of a candidate in one series, summed over the months ahead."""
    actual, expected = cut.actual[:, :, place], cut.expected[one, :, :, place]
    spread = intervals.spreads(actual - expected, cut.levels[one, :, :, place])
    known = np.isfinite(actual)
    points = score(np.where(known, actual, 0.0), expected, spread, float(len(actual) - 1))
    total: Floats = np.where(known, points, 0.0).sum(axis=1)
    return total


def _intervals(
    cut: Rolled, one: int, place: int
) -> tuple[Floats, Floats, Floats, Floats, intervals.Widths]:
    """Bounds at the origins and now. Rounded outward, as they are served: an outcome on the bound is
    within."""
    actual, expected = cut.actual[:, :, place], cut.expected[one, :, :, place]
    judged = actual.shape[1]
    now, levels_now = cut.expected_now[one, :judged, place], cut.levels_now[one, :judged, place]
    widths = intervals.learned_widths(actual - expected, cut.levels[one, :, :, place], levels_now)
    unit, bound = 10.0**cut.digits, cut.lowest[place]
    bounds = []
    for middle, half in ((expected, widths.half_width), (now, widths.half_width_now)):
        bounds.append(np.maximum(np.floor((middle - half) * unit) / unit, bound))
        bounds.append(np.ceil((middle + half) * unit) / unit)
    return bounds[0], bounds[1], bounds[2], bounds[3], widths


def _reason(gate: Gated, place: int) -> Reason:
    actual = gate.rolled.actual[:, :, place]
    if np.nanmin(actual) == np.nanmax(actual):
        return Reason.NEVER_VARIED
    if any(
        candidate.is_baseline and other != gate.winner and _loses(gate, other, place)
        for other, candidate in enumerate(gate.rolled.candidates)
    ):
        return Reason.WORSE_THAN_BASELINE
    holds = intervals.do_hold(gate.held[gate.winner, place])
    return Reason.FORECAST if holds else Reason.INTERVALS_DO_NOT_HOLD


def _loses(gate: Gated, other: int, place: int) -> bool:
    """Whether a baseline was better in this series, by the score or by the absolute error. The doubt is
    against the chosen candidate: origins count as independent, so that a loss is seen sooner than a gain
    would be."""
    cut, both = gate.rolled, [gate.winner, other]
    errors = np.nansum(
        np.abs(cut.actual[None, :, :, place] - cut.expected[both, :, :, place]), axis=2
    )
    chosen, baseline = gate.scores[both, place]
    return (
        compare(chosen, baseline, overlap=1).is_worse
        or compare(errors[0], errors[1], overlap=1).is_worse
    )
