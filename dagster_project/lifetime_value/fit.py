"""One build's forecast. Belongs here: the backtest of the candidates, the week's fit, refitting on drift,
and scoring. Does not belong here: any formula, or any table's shape."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import duckdb

from dagster_project.lifetime_value import histories, plots, tables
from dagster_project.lifetime_value.btyd import (
    Cells,
    Component,
    Fit,
    Method,
    Purchases,
    Reason,
    Status,
    Verdict,
    backtest,
    fit_spend,
    score,
    total_interval,
)
from dagster_project.lifetime_value.histories import Ask, History
from dagster_project.lifetime_value.registry import Published, Value, published, registry_row

YEAR = 365
DRIFT_LEVEL = 0.999  # without any change, one week in a thousand counts as drift


@dataclass(frozen=True)
class Outcome:
    """The outcome of a build's forecast.

    Attributes:
        reason: reason code of the customers' scores (`btyd/vocabulary.py`).
        family: the champion's family; None when nothing is predicted.
        fitted_until: end of the data that models were fitted to, exclusive; None without buyers.
        has_drifted: whether purchases since the week's fit deviated so far that the model was fitted again.
        cells: number of distinct histories scored.
    """

    reason: str
    family: str | None
    fitted_until: date | None
    has_drifted: bool
    cells: int


def forecast(
    connection: duckdb.DuckDBPyConnection,
    *,
    as_of: date,
    build_id: str,
    horizon_days: float,
    discount_rate: float,
    exact_customers: float,
    holdout_days: float,
    backtest_customers: float,
    ask: Ask | None = None,
) -> Outcome:
    """Chooses a model, lets it forecast from past origins, fits it to the purchases before the last Monday,
    scores every cell, and writes scores, registry and diagnostics. When purchases since that Monday deviate
    from the forecast, the champion is fitted to all purchases before as_of. The result depends on the data
    alone: no clock, no state, fixed seeds.

    Args:
        connection: to the database that holds the forecast's tables: the private warehouse by default.
        as_of: end of the data, exclusive.
        build_id: id of this build.
        horizon_days: length of the forecast, in days.
        discount_rate: effective annual rate for revenue, e.g. 0.1.
        exact_customers: from this number of customers on, histories are fitted by the week instead of the day.
        holdout_days: the longest holdout of the backtest, in days.
        backtest_customers: the most customers in the backtest.
        ask: answers queries about what dbt counted, e.g. on a cluster; None means the connection does.
    """
    tables.ensure_tables(connection)
    ask = ask or histories.asking(connection)
    connection.execute("begin")
    try:
        outcome = _forecast(
            connection,
            ask,
            as_of,
            build_id,
            horizon_days,
            discount_rate,
            exact_customers,
            holdout_days,
            backtest_customers,
        )
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return outcome


def _forecast(
    connection: duckdb.DuckDBPyConnection,
    ask: Ask,
    as_of: date,
    build_id: str,
    horizon_days: float,
    discount_rate: float,
    exact_customers: float,
    holdout_days: float,
    backtest_customers: float,
) -> Outcome:
    history = histories.fitted_history(ask, exact_customers)
    if history is None:
        _write_nothing(connection, Reason.NO_MODEL)
        return Outcome(str(Reason.NO_MODEL), None, None, False, 0)
    purchases = histories.backtest_purchases(ask, history.until, backtest_customers)
    verdict = backtest(purchases, int(holdout_days))
    chosen = published(verdict, history.cells)
    has_drifted = _has_drifted(ask, verdict, chosen, history, as_of)
    if has_drifted:
        history = histories.history_now(ask, as_of, exact_customers)
        chosen = published(verdict, history.cells)
    spend = fit_spend(history.spend) if len(history.spend) else None
    cell_count = _score(
        connection, ask, verdict, chosen, history, spend, horizon_days, discount_rate
    )
    reason = _reason(verdict, chosen, spend)
    rows = _registry(verdict, purchases, chosen, history, spend, as_of, build_id)
    tables.write_models(connection, rows)
    model_id = next(
        (row["model_id"] for row in rows if row["is_champion"] and row["component"] == "purchases"),
        None,
    )
    tables.write_verdict(
        connection,
        {
            "model_id": model_id,
            "reason_code": reason,
            **_methods(verdict, purchases, chosen, history, horizon_days, discount_rate),
            "fitted_until": history.until.isoformat(),
            "has_drifted": has_drifted,
        },
    )
    tables.write_diagnostics(connection, plots.points(verdict, purchases, chosen.fit))
    family = chosen.fit.family if chosen.fit else None
    return Outcome(reason, family, history.until, has_drifted, cell_count)


def _has_drifted(
    ask: Ask, verdict: Verdict, chosen: Published, history: History, as_of: date
) -> bool:
    """Whether the number of purchases since the fit lies outside the fit's interval."""
    days = (as_of - history.until).days
    if chosen.fit is None or days < 1:
        return False
    _, low, high = total_interval(chosen.fit, history.cells, days, DRIFT_LEVEL, verdict.totals)
    return not low <= histories.purchases_since(ask, history.until) <= high


def _score(
    connection: duckdb.DuckDBPyConnection,
    ask: Ask,
    verdict: Verdict,
    chosen: Published,
    history: History,
    spend: Fit | None,
    horizon_days: float,
    discount_rate: float,
) -> int:
    if chosen.fit is None:
        tables.delete_scores(connection)
        return 0
    cells = histories.scored_cells(ask)
    scores = score(
        chosen.fit,
        Cells(cells["frequency"], cells["recency"], cells["age"]),
        spend,
        cells["spend_frequency"],
        mean_value=history.spend.mean_value if len(history.spend) else 0.0,
        horizon=horizon_days,
        annual_discount=discount_rate,
        levels=verdict.levels.get("revenue"),
        revenue_method=verdict.revenue_method or Method.OWN_MEAN,
    )
    tables.write_scores(connection, cells, scores)
    return len(cells["frequency"])


def _reason(verdict: Verdict, chosen: Published, spend: Fit | None) -> str:
    if chosen.reason is Reason.SCORED:
        if verdict.revenue_method != Method.SHRUNK_MEAN:
            return str(Reason.SPEND_NOT_MODELLED)
        if spend is None or spend.status is not Status.OK:
            return str(Reason.SPEND_NOT_MODELLED)
        if verdict.levels.get("revenue") is None:
            return str(Reason.INTERVALS_DO_NOT_HOLD)
    return str(chosen.reason)


def _methods(
    verdict: Verdict,
    purchases: Purchases,
    chosen: Published,
    history: History,
    horizon_days: float,
    discount_rate: float,
) -> dict[str, Value]:
    """How orders and money are forecast, and the expected orders of all customers together with the interval
    that holds them with 95 % chance."""
    levels = verdict.levels.get("revenue")
    known_days = purchases.until - int(purchases.day.min()) if len(purchases) else YEAR
    rate = math.log1p(discount_rate) * horizon_days / YEAR
    found: dict[str, Value] = {
        "orders_method": chosen.fit.family if chosen.fit else verdict.orders_method,
        "revenue_method": verdict.revenue_method,
        "revenue_levels": json.dumps(levels) if levels else None,
        "origin_count": len(verdict.splits),
        "holdout_days": int(verdict.splits[0].horizon) if verdict.splits else None,
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


def _registry(
    verdict: Verdict,
    purchases: Purchases,
    chosen: Published,
    history: History,
    spend: Fit | None,
    as_of: date,
    build_id: str,
) -> list[tables.Row]:
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


def _write_nothing(connection: duckdb.DuckDBPyConnection, reason: Reason) -> None:
    tables.delete_scores(connection)
    tables.write_models(connection, [])
    tables.write_verdict(connection, {"reason_code": str(reason)})
    tables.write_diagnostics(connection, [])
