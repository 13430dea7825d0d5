"""The points of the diagnostic plots, which show whether forecasts hold. Belongs here: what is drawn, as
numbers. Does not belong here: drawing."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import Chebyshev

from dagster_project.forecasting.schema import Row
from dagster_project.lifetime_value.btyd import Cells, Fit, Purchases, Split, Verdict
from dagster_project.lifetime_value.btyd.cells import Floats
from dagster_project.lifetime_value.btyd.totals import expected_orders

WEEK = 7.0
NODES = (
    10  # nodes of a polynomial in the logarithm of time: gives weekly totals to five digits or more
)
FREQUENCIES = (1, 2, 4, 8)
SILENCES = np.arange(0.0, 366.0, 15.0)


def points(verdict: Verdict, purchases: Purchases, fit: Fit | None) -> list[Row]:
    """All points: lift and calibration over all origins, tracking from the newest origin on, and P(alive) of
    the published fit."""
    rows: list[Row] = []
    for family, result in verdict.results.items():
        rows += [
            _point("lift", family, number, number, expected, actual)
            for number, (_, expected, actual) in enumerate(result.lift.tolist(), start=1)
        ]
        rows += [
            _point("calibration", family, number, expected, expected, actual)
            for number, (size, expected, actual) in enumerate(result.calibration.tolist(), start=1)
            if size
        ]
    for result in verdict.results.values():
        if result.tested is not None:
            rows += _tracking(result.family, result.tested, verdict.splits[0], purchases)
    return [*rows, *(_alive(fit) if fit is not None else [])]


def _tracking(family: str, fit: Fit, split: Split, purchases: Purchases) -> list[Row]:
    by_week = purchases.by_week(purchases.until - int(split.horizon), int(split.horizon / WEEK))
    totals = expected_by_week(fit, split.gathered[0], len(by_week))
    return [
        _point("tracking", family, week, week, expected, actual)
        for week, (expected, actual) in enumerate(
            zip(totals.tolist(), by_week.tolist(), strict=True), start=1
        )
    ]


def expected_by_week(fit: Fit, cells: Cells, weeks: int) -> Floats:
    """Expected purchases of all customers together within 1, 2, ... `weeks` weeks. The total is smooth in time,
    so that with many weeks it is computed at the nodes of a polynomial and interpolated."""

    def total(horizons: Floats) -> Floats:
        return np.array(
            [(cells.weight * expected_orders(fit, cells, days)).sum() for days in horizons.tolist()]
        )

    horizons = np.arange(1, weeks + 1, dtype=np.float64) * WEEK
    if weeks <= NODES:
        return total(horizons)
    span = np.log(horizons[[0, -1]])
    through = Chebyshev.interpolate(lambda logs: total(np.exp(logs)), NODES - 1, domain=span)
    result: Floats = through(np.log(horizons))
    return result


def _alive(fit: Fit) -> list[Row]:
    """P(alive) by days since the last purchase, for customers who first bought two years ago."""
    assert fit.model is not None
    rows, number, age = [], 0, 730.0
    for frequency in FREQUENCIES:
        cells = Cells(
            np.full(len(SILENCES), float(frequency)), age - SILENCES, np.full(len(SILENCES), age)
        )
        chances = fit.model.probability_alive(fit.parameters, cells)
        for silence, chance in zip(SILENCES.tolist(), chances.tolist(), strict=True):
            number += 1
            rows.append(_point("alive", fit.family, number, silence, chance, frequency))
    return rows


def _point(
    diagnostic: str, family: str, number: int, position: float, expected: float, actual: float
) -> Row:
    return {
        "diagnostic": diagnostic,
        "family": family,
        "point_number": number,
        "position": float(position),
        "expected": float(expected),
        "actual": float(actual),
    }
