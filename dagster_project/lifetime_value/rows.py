"""The outcome of a forecast as rows. Belongs here: the registry's rows, the verdict's, and those of
`value.rpt_forecast_candidates`. Does not belong here: storing them (`tables.py`)."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, time

import numpy as np

from dagster_project.forecasting import standings
from dagster_project.forecasting.backtest import Comparison
from dagster_project.forecasting.schema import Row
from dagster_project.forecasting.vocabulary import Candidate
from dagster_project.forecasting.vocabulary import Reason as Publication
from dagster_project.lifetime_value.btyd import (
    Component,
    Fit,
    Method,
    Purchases,
    Reason,
    Status,
    Verdict,
    total_interval,
)
from dagster_project.lifetime_value.histories import History, Thresholds
from dagster_project.lifetime_value.registry import Published, Value, registry_row

YEAR = 365
SUBJECT = "lifetime_value"
SCORES = {"orders": "log_score", "revenue": "tweedie_deviance"}


def reason(verdict: Verdict, chosen: Published, spend: Fit | None) -> str:
    if chosen.reason is Reason.SCORED:
        if verdict.revenue_method != Method.SHRUNK_MEAN:
            return str(Reason.SPEND_NOT_MODELLED)
        if spend is None or spend.status is not Status.OK:
            return str(Reason.SPEND_NOT_MODELLED)
        if verdict.levels.get("revenue") is None:
            return str(Reason.INTERVALS_DO_NOT_HOLD)
    return str(chosen.reason)


def verdict_row(
    verdict: Verdict,
    purchases: Purchases,
    chosen: Published,
    history: History,
    thresholds: Thresholds,
) -> dict[str, Value]:
    """How orders and money are forecast, and the expected orders of all customers together with the interval
    that holds them with 95 % chance."""
    horizon_days = thresholds["horizon_days"]
    levels = verdict.levels.get("revenue")
    known_days = purchases.until - int(purchases.day.min()) if len(purchases) else YEAR
    rate = math.log1p(thresholds["discount_rate"]) * horizon_days / YEAR
    found: dict[str, Value] = {
        "orders_method": chosen.fit.family if chosen.fit else verdict.orders_method,
        "revenue_method": verdict.revenue_method,
        "revenue_levels": json.dumps(levels) if levels else None,
        "horizon_days": horizon_days,
        "last_year_share": horizon_days / min(known_days, YEAR),
        "discount_factor": -math.expm1(-rate) / rate if rate else 1.0,
    }
    if chosen.fit is not None:
        names = ("", "_low", "_high")
        total = total_interval(chosen.fit, history.cells, horizon_days, 0.95, verdict.totals)
        found |= {
            f"total_expected_orders{name}": value for name, value in zip(names, total, strict=True)
        }
    return found


def registry_rows(
    verdict: Verdict,
    purchases: Purchases,
    chosen: Published,
    history: History,
    spend: Fit | None,
    as_of: date,
    build_id: str,
) -> list[dict[str, Value]]:
    """Registry rows of the published fits, and of the backtest's other candidates."""
    until = history.until.isoformat()
    trial_until = date.fromordinal(purchases.until).isoformat()
    trial = purchases.cells()
    rows = []
    if chosen.fit is not None:
        result = verdict.results.get(chosen.fit.family)
        rows.append(registry_row(chosen.fit, history.cells, until, result, is_champion=True))
    for family, result in verdict.results.items():
        if result.fit is not None and (chosen.fit is None or family != chosen.fit.family):
            rows.append(registry_row(result.fit, trial, trial_until, result))
    if spend is not None:
        best = verdict.best if chosen.fit is not None else None
        is_champion = (
            chosen.fit is not None
            and spend.status is Status.OK
            and verdict.revenue_method == Method.SHRUNK_MEAN
        )
        rows.append(registry_row(spend, history.spend, until, best, is_champion=is_champion))
    fitted_at = datetime.combine(history.until, time(), UTC).replace(tzinfo=None).isoformat()
    about: dict[str, Value] = {
        "as_of": as_of.isoformat(),
        "fitted_at": fitted_at,
        "build_id": build_id,
        "is_current": True,
    }
    return [{**_of_component(row), **about} for row in rows]


def _of_component(row: dict[str, Value]) -> dict[str, Value]:
    """The row with only the holdout measures of its own component: purchases or spend."""
    is_spend = row["component"] == str(Component.SPEND)
    return {
        name: None
        if (name.startswith("holdout_") and name.startswith("holdout_spend") is not is_spend)
        or (name == "comparable_log_likelihood" and is_spend)
        else value
        for name, value in row.items()
    }


def candidate_rows(verdict: Verdict) -> list[Row]:
    """How every candidate did, for orders and for money. Scores are losses: lower is better."""
    rows: list[Row] = []
    for of, judged in verdict.judged.items():
        names = sorted(
            judged.by_origin,
            key=lambda name: (name not in set(Method), list(judged.by_origin).index(name)),
        )
        candidates = [Candidate(name, name in (Method.NAIVE, Method.LAST_YEAR)) for name in names]
        levels = verdict.levels.get(of)
        found = verdict.results.get(verdict.orders_method or "")
        prefix = "" if of == "orders" else "spend_"
        held = found.measures.get(f"{prefix}coverage_80") if found and levels else None
        rows += standings.standings(
            f"{SUBJECT}:{of}",
            candidates,
            -np.array([judged.by_origin[name] for name in names]),
            [Comparison(*judged.behind[name], False, False) for name in names],
            score_name=SCORES[of],
            points=judged.customers,
            coverage=[held if name == judged.chosen else None for name in names],
            chosen=next(each for each in candidates if each.name == judged.chosen),
            reason=Publication.FORECAST,
        )
    return rows
