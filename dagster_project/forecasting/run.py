"""One build's forecasts of stages and revenue. Belongs here: reading, judging and writing them, in this
order. Does not belong here: any formula, or any table's shape."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
from numpy.typing import NDArray

from dagster_project.forecasting import reading, revenue, rows, stages, tables
from dagster_project.forecasting.asking import Ask, asking
from dagster_project.forecasting.gate import Gated, gated
from dagster_project.forecasting.reading import Lifecycle, Settings
from dagster_project.forecasting.schema import Row
from dagster_project.forecasting.scores import crps, log_score
from dagster_project.forecasting.standings import gate_standings

Floats = NDArray[np.float64]
STAGES, REVENUE = "stages", "revenue"


@dataclass(frozen=True)
class Outcome:
    """The outcome of a build's forecasts: by forecast, the method that is chosen (None if there is none)."""

    methods: dict[str, str | None]


def forecast(
    connection: duckdb.DuckDBPyConnection, *, as_of: date, ask: Ask | None = None
) -> Outcome:
    """Backtests all candidates at the end of every month, and writes what is published, why the rest is not,
    and how every candidate did. The result depends on the data alone: no clock, no state, no dice.

    Args:
        connection: to the database that holds the forecasts' tables: the private warehouse by default.
        as_of: end of the data, exclusive. Forecasts begin after the last whole month before it.
        ask: answers queries about what dbt counted, e.g. on a cluster; None means the connection does.
    """
    tables.ensure_tables(connection)
    ask = ask or asking(connection)
    settings = reading.settings(ask)
    connection.execute("begin")
    try:
        methods = _stages(connection, ask, as_of, settings)
        methods[REVENUE] = _revenue(connection, ask, as_of, settings)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return Outcome(methods)


def _stages(
    connection: duckdb.DuckDBPyConnection, ask: Ask, as_of: date, settings: Settings
) -> dict[str, str | None]:
    origin = reading.last_whole_month(as_of)
    current: list[Row] = []
    backtest: list[Row] = []
    standings: list[Row] = []
    methods: dict[str, str | None] = {}
    for lifecycle in reading.lifecycles(ask, origin):
        subject = f"{STAGES}:{lifecycle.name}"
        gate = _stage_gate(lifecycle, settings)
        spells = lifecycle.spells
        now = np.zeros(len(lifecycle.stages)) if spells is None else spells.populations[:, -1]
        current += rows.stage_rows(
            lifecycle.name, lifecycle.stages, gate, now, origin, settings.horizon
        )
        methods[subject] = gate.method if gate else None
        if gate is None or spells is None:
            continue
        standings += gate_standings(subject, gate, "log_score")
        if gate.series:
            backtest += rows.stage_backtest_rows(
                lifecycle.name,
                gate,
                spells.populations,
                reading.month_after(origin, 1 - spells.months),
                settings.minimum_months,
            )
    tables.write(connection, "stage_forecasts", current)
    tables.write(connection, "stage_forecast_backtests", backtest)
    tables.write_candidates(connection, STAGES, standings)
    return methods


def _stage_gate(lifecycle: Lifecycle, settings: Settings) -> Gated | None:
    if lifecycle.spells is None:
        return None
    return gated(
        stages.rolled(
            lifecycle.spells, lifecycle.stages, settings.minimum_months, settings.horizon
        ),
        log_score,
    )


def _revenue(
    connection: duckdb.DuckDBPyConnection, ask: Ask, as_of: date, settings: Settings
) -> str | None:
    origin = reading.last_whole_month(as_of)
    cohorts = reading.cohorts(ask, origin)
    gate, backtest, standings = None, list[Row](), list[Row]()
    if cohorts is not None:
        gate = gated(
            revenue.rolled(cohorts, settings.minimum_months, settings.horizon), _amount_score
        )
        standings = gate_standings(REVENUE, gate, "crps")
        if gate.series:
            first = reading.month_after(origin, 1 - cohorts.months)
            backtest = list(rows.revenue_backtest_rows(gate, first, settings.minimum_months))
    tables.write(
        connection, "revenue_forecasts", list(rows.revenue_rows(gate, origin, settings.horizon))
    )
    tables.write(connection, "revenue_forecast_backtests", backtest)
    tables.write_candidates(connection, REVENUE, standings)
    return gate.method if gate else None


def _amount_score(actual: Floats, expected: Floats, spread: Floats, _: float) -> Floats:
    return crps(actual, expected, spread)
