"""One build's forecast. Belongs here: the backtest of the candidates, the week's fit, refitting on drift,
and scoring. Does not belong here: any formula, or any table's shape."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from dagster_project.forecasting.asking import Ask, asking
from dagster_project.forecasting.tables import ensure_tables as ensure_candidates
from dagster_project.forecasting.tables import write_candidates
from dagster_project.lifetime_value import histories, plots, rows, tables
from dagster_project.lifetime_value.btyd import (
    Cells,
    Fit,
    Method,
    Reason,
    Verdict,
    backtest,
    fit_spend,
    score,
    total_interval,
)
from dagster_project.lifetime_value.histories import History, Thresholds
from dagster_project.lifetime_value.registry import Published, published

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
    thresholds: Thresholds,
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
        thresholds: the thresholds of a forecast.
        ask: answers queries about what dbt counted, e.g. on a cluster; None means the connection does.
    """
    tables.ensure_tables(connection)
    ensure_candidates(connection)
    ask = ask or asking(connection)
    connection.execute("begin")
    try:
        outcome = _forecast(connection, ask, as_of, build_id, thresholds)
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
    thresholds: Thresholds,
) -> Outcome:
    history = histories.fitted_history(ask, thresholds["exact_customers"])
    if history is None:
        _write_nothing(connection, Reason.NO_MODEL)
        return Outcome(str(Reason.NO_MODEL), None, None, False, 0)
    purchases = histories.backtest_purchases(ask, history.until, thresholds["backtest_customers"])
    verdict = backtest(purchases, int(thresholds["holdout_days"]))
    chosen = published(verdict, history.cells)
    has_drifted = _has_drifted(ask, verdict, chosen, history, as_of)
    if has_drifted:
        history = histories.history_now(ask, as_of, thresholds["exact_customers"])
        chosen = published(verdict, history.cells)
    spend = fit_spend(history.spend) if len(history.spend) else None
    cell_count = _score(connection, ask, verdict, chosen, history, spend, thresholds)
    reason = rows.reason(verdict, chosen, spend)
    registered = rows.registry_rows(verdict, purchases, chosen, history, spend, as_of, build_id)
    tables.write_models(connection, registered)
    model_id = next(
        (
            row["model_id"]
            for row in registered
            if row["is_champion"] and row["component"] == "purchases"
        ),
        None,
    )
    tables.write_verdict(
        connection,
        {
            "model_id": model_id,
            "reason_code": reason,
            **rows.verdict_row(verdict, purchases, chosen, history, thresholds),
            "fitted_until": history.until.isoformat(),
            "has_drifted": has_drifted,
        },
    )
    tables.write_diagnostics(connection, plots.points(verdict, purchases, chosen.fit))
    write_candidates(connection, rows.SUBJECT, rows.candidate_rows(verdict))
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
    thresholds: Thresholds,
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
        horizon=thresholds["horizon_days"],
        annual_discount=thresholds["discount_rate"],
        levels=verdict.levels.get("revenue"),
        revenue_method=verdict.revenue_method or Method.OWN_MEAN,
    )
    tables.write_scores(connection, cells, scores)
    return len(cells["frequency"])


def _write_nothing(connection: duckdb.DuckDBPyConnection, reason: Reason) -> None:
    tables.delete_scores(connection)
    tables.write_models(connection, [])
    tables.write_verdict(connection, {"reason_code": str(reason)})
    tables.write_diagnostics(connection, [])
    write_candidates(connection, rows.SUBJECT, [])
