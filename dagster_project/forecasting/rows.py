"""Forecasts as rows of tables. Belongs here: which numbers are given and which are null with a reason. Does
not belong here: the reasons themselves (`gate.py`), or storing rows (`tables.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dagster_project.forecasting.gate import Gated
from dagster_project.forecasting.reading import month_after
from dagster_project.forecasting.revenue import CUMULATIVE, PARTS
from dagster_project.forecasting.schema import Row
from dagster_project.forecasting.vocabulary import Reason

Floats = NDArray[np.float64]


def reason_of(gate: Gated | None, series: str, ahead: int) -> Reason:
    """Whether a month ahead (from 1) of a series is published; without a gate there is no history."""
    if gate is None or not gate.series:
        return Reason.HISTORY_TOO_SHORT
    reason = gate.series[series].reason
    if reason is Reason.FORECAST and ahead > gate.judged_months:
        return Reason.HORIZON_NOT_BACKTESTED
    return reason


def stage_rows(
    lifecycle: str,
    stages: Sequence[str],
    gate: Gated | None,
    now: Floats,
    origin: date,
    horizon: int,
) -> Iterator[Row]:
    """Rows of `forecast.stage_forecasts`.

    Args:
        lifecycle: its code.
        stages: codes of its stages.
        gate: what may be published; None without history.
        now: (stages) customers at the end of the month `origin`.
        origin: the last whole month.
        horizon: months ahead.
    """
    for place, stage in enumerate(stages):
        for ahead in range(1, horizon + 1):
            reason = reason_of(gate, stage, ahead)
            row: dict[str, object] = {
                "lifecycle": lifecycle,
                "stage": stage,
                "months_ahead": ahead,
                "origin_customer_count": int(now[place]),
                "known_error_count": 0,
                "origin_month": origin,
                "month": month_after(origin, ahead),
                "reason_code": str(reason),
            }
            if reason is Reason.FORECAST and gate is not None:
                row |= _forecast(gate, stage, ahead) | {
                    "method": gate.method,
                    "known_error_count": int(np.isfinite(gate.rolled.actual[:, :, place]).sum()),
                }
            yield row


def stage_backtest_rows(
    lifecycle: str, gate: Gated, populations: Floats, first: date, minimum_months: int
) -> Iterator[Row]:
    """Rows of `forecast.stage_forecast_backtests`, of the stages that are published.

    Args:
        lifecycle: its code.
        gate: what is published.
        populations: (stages, months) customers at the ends of months.
        first: month 0.
        minimum_months: whole months that the first origin knows.
    """
    for place, stage in enumerate(gate.rolled.series):
        if gate.series[stage].reason is not Reason.FORECAST:
            continue
        for row, column in np.argwhere(np.isfinite(gate.rolled.actual[:, :, place])):
            origin = int(row) + minimum_months - 1
            yield {
                "lifecycle": lifecycle,
                "stage": stage,
                "method": gate.method,
                "months_ahead": int(column) + 1,
                "origin_customer_count": int(populations[place, origin]),
                "known_error_count": int(gate.series[stage].learned_from[row]),
                "actual_customer_count": int(gate.rolled.actual[row, column, place]),
                "origin_month": month_after(first, origin),
                "month": month_after(first, origin + int(column) + 1),
                **_past(gate, stage, place, int(row), int(column)),
            }


def revenue_rows(gate: Gated | None, origin: date, horizon: int) -> Iterator[Row]:
    """Rows of `forecast.revenue_forecasts`; see `stage_rows`."""
    for part in PARTS:
        for ahead in range(1, horizon + 1):
            reason = reason_of(gate, part, ahead)
            of_sum = reason_of(gate, CUMULATIVE + part, ahead)
            row: dict[str, object] = {
                "part": part,
                "months_ahead": ahead,
                "origin_month": origin,
                "month": month_after(origin, ahead),
                "reason_code": str(reason),
                "cumulative_reason_code": str(of_sum),
            }
            if gate is not None and Reason.FORECAST in (reason, of_sum):
                row["method"] = gate.method
            if gate is not None and reason is Reason.FORECAST:
                row |= _forecast(gate, part, ahead)
            if gate is not None and of_sum is Reason.FORECAST:
                row |= _cumulative(_forecast(gate, CUMULATIVE + part, ahead))
            yield row


def revenue_backtest_rows(gate: Gated, first: date, minimum_months: int) -> Iterator[Row]:
    """Rows of `forecast.revenue_forecast_backtests`, of what is published; see `stage_backtest_rows`."""
    series = list(gate.rolled.series)
    for part in PARTS:
        shown = [
            name
            for name in (part, CUMULATIVE + part)
            if gate.series[name].reason is Reason.FORECAST
        ]
        if not shown:
            continue
        place = series.index(part)
        for row, column in np.argwhere(np.isfinite(gate.rolled.actual[:, :, place])):
            origin = int(row) + minimum_months - 1
            found: dict[str, object] = {
                "part": part,
                "method": gate.method,
                "months_ahead": int(column) + 1,
                "origin_month": month_after(first, origin),
                "month": month_after(first, origin + int(column) + 1),
            }
            for name in (part, CUMULATIVE + part):
                at = series.index(name)
                past: dict[str, object] = {
                    "actual": round(float(gate.rolled.actual[row, column, at]), 2)
                }
                if name in shown:
                    past |= _past(gate, name, at, int(row), int(column))
                found |= past if name == part else _cumulative(past)
            yield found


def _forecast(gate: Gated, name: str, ahead: int) -> dict[str, object]:
    series, place = gate.series[name], list(gate.rolled.series).index(name)
    expected = gate.rolled.expected_now[gate.winner, ahead - 1, place]
    return _numbers(gate, expected, series.low_now[ahead - 1], series.high_now[ahead - 1])


def _past(gate: Gated, name: str, place: int, row: int, column: int) -> dict[str, object]:
    series, expected = gate.series[name], gate.rolled.expected[gate.winner, row, column, place]
    return _numbers(gate, expected, series.low[row, column], series.high[row, column])


def _numbers(gate: Gated, expected: float, low: float, high: float) -> dict[str, object]:
    digits = gate.rolled.digits
    return {
        "expected": round(float(expected), digits) + 0.0,
        "low": round(float(low), digits) + 0.0,
        "high": round(float(high), digits) + 0.0,
    }


def _cumulative(numbers: dict[str, object]) -> dict[str, object]:
    return {f"cumulative_{name}": value for name, value in numbers.items()}
