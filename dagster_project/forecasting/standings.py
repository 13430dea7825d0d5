"""How every candidate of a forecast did, as rows of `value.rpt_forecast_candidates`. Belongs here: these
rows, for every forecast of the product. Does not belong here: the choice (`backtest.py`), or storing rows
(`tables.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dagster_project.forecasting.backtest import Comparison, compare
from dagster_project.forecasting.gate import Gated, chosen_by
from dagster_project.forecasting.schema import Row
from dagster_project.forecasting.vocabulary import Candidate, Reason

Floats = NDArray[np.float64]
DIGITS = 6


def standings(
    forecast: str,
    candidates: Sequence[Candidate],
    scores: Floats,
    comparisons: Sequence[Comparison],
    *,
    score_name: str,
    points: int,
    coverage: Sequence[float | None],
    chosen: Candidate | None,
    reason: Reason,
) -> list[Row]:
    """One row per candidate.

    Args:
        forecast: what is forecast, such as `stages:relationship`.
        candidates: from the simplest to the most complex.
        scores: (candidates, origins), lower is better.
        comparisons: of each candidate with the chosen one; none without one.
        score_name: `log_score`, `crps` or `pinball`.
        points: outcomes over all origins.
        coverage: share of the outcomes within the 80 % interval, by candidate; None where there is no
            interval.
        chosen: the candidate that is published if the reason is `forecast`.
        reason: of the chosen candidate, or why there is none.
    """
    rows: list[Row] = []
    for number, candidate in enumerate(candidates):
        is_chosen = candidate == chosen
        compared = comparisons[number] if comparisons else None
        rows.append(
            {
                "forecast": forecast,
                "candidate": candidate.name,
                "is_baseline": candidate.is_baseline,
                "complexity": number + 1,
                "origin_count": scores.shape[1],
                "point_count": points,
                "score_name": score_name,
                "score": _rounded(float(scores[number].sum())) if scores.size else None,
                "score_difference": _rounded(compared.difference) if compared else None,
                "standard_error": _rounded(compared.standard_error) if compared else None,
                "coverage_80": _rounded(coverage[number]),
                "is_published": is_chosen and reason is Reason.FORECAST,
                "reason_code": str(reason if is_chosen or chosen is None else Reason.NOT_CHOSEN),
            }
        )
    return rows


def gate_standings(subject: str, gate: Gated, score_name: str) -> list[Row]:
    """The rows of a forecast of several series: of all that choose together, and of each."""
    rolled = gate.rolled
    if not gate.series:
        scores = np.empty((len(rolled.candidates), 0))
        nothing: list[float | None] = [None] * len(rolled.candidates)
        return standings(
            *(subject, rolled.candidates, scores, ()),
            score_name=score_name,
            points=0,
            coverage=nothing,
            chosen=None,
            reason=gate.choice.reason,
        )
    together = chosen_by(rolled)
    points = gate.held.shape[2]
    rows = standings(
        *(subject, rolled.candidates, gate.scores[:, together].sum(axis=1)),
        gate.choice.comparisons,
        score_name=score_name,
        points=points * len(together),
        coverage=list(gate.held[:, together].mean(axis=(1, 2))),
        chosen=gate.choice.winner,
        reason=_together([gate.series[name].reason for name in rolled.chosen_by]),
    )
    for place, name in enumerate(rolled.series):
        scores = gate.scores[:, place]
        rows += standings(
            *(f"{subject}:{name}", rolled.candidates, scores),
            [compare(row, scores[gate.winner], gate.judged_months) for row in scores],
            score_name=score_name,
            points=points,
            coverage=list(gate.held[:, place].mean(axis=1)),
            chosen=gate.choice.winner,
            reason=gate.series[name].reason,
        )
    return rows


def _together(reasons: Sequence[Reason]) -> Reason:
    """Published if any series is; else the most frequent reason why not."""
    counted = Counter(reasons)
    order = list(Reason)
    return max(
        counted,
        key=lambda reason: (reason is Reason.FORECAST, counted[reason], -order.index(reason)),
    )


def _rounded(value: float | None) -> float | None:
    """To six decimals; None if there is no number."""
    return round(float(value), DIGITS) + 0.0 if value is not None and np.isfinite(value) else None
