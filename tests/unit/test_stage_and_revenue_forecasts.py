"""A build's forecasts of stages and revenue for any shop: they always end with a reason, and never with an
exception, NaN or infinity. The warehouse is in memory and holds the few tables that forecasts read."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pytest

from dagster_project.forecasting.reading import last_whole_month, month_after
from dagster_project.forecasting.run import Outcome, forecast
from dagster_project.forecasting.tables import SHAPES, ensure_tables, write_candidates
from dagster_project.forecasting.vocabulary import Reason
from tests.unit.forecasting import worlds

FIRST = date(2022, 1, 1)
Rows = list[tuple[Any, ...]]


def _warehouse(months: int, seed: int = 1, has_orders: bool = True) -> duckdb.DuckDBPyConnection:
    """Two stages in so many whole months from FIRST on, and a cohort a month."""
    spells = worlds.lives(months, 30, seed, leaves_at=5)
    connection = duckdb.connect()
    for schema in ("intermediate", "core"):
        connection.execute(f"create schema {schema}")
    connection.execute(
        "create table intermediate.int_thresholds as"
        " select 6 as forecast_minimum_months, 12 as forecast_horizon_months;"
        "create table core.dim_lifecycle_stages as from (values ('l', 'waiting', 1), ('l', 'gone', 2),"
        " ('empty', 'nobody', 1)) as stages (lifecycle, stage, rank);"
        "create table intermediate.int_stage_spells (lifecycle varchar, stage varchar,"
        " previous_stage varchar, next_stage varchar, first_month date, last_month date,"
        " customer_count bigint);"
        "create table intermediate.int_cohort_months_counted (cohort_month date,"
        " months_since_first_order integer, cohort_size bigint, net_revenue decimal(38, 2))"
    )
    names = ["waiting", "gone", None]
    for stage, first, last, following, is_new, count in zip(
        *(spells.stage, spells.first, spells.last, spells.following),
        *(spells.is_new, spells.count),
        strict=True,
    ):
        connection.execute(
            "insert into intermediate.int_stage_spells values ('l', $1, $2, $3, $4, $5, $6)",
            [
                *(names[stage], None if is_new else "waiting", names[following]),
                *(month_after(FIRST, int(first)), month_after(FIRST, int(last)), int(count)),
            ],
        )
    drawn = np.random.default_rng(seed)
    for cohort in range(months if has_orders else 0):
        for age in range(months - cohort):
            connection.execute(
                "insert into intermediate.int_cohort_months_counted values ($1, $2, $3, $4)",
                [
                    *(month_after(FIRST, cohort), age, 50 + cohort),
                    round((50 + cohort) * 20 * 0.9**age * drawn.normal(1, 0.05), 2),
                ],
            )
    return connection


def _forecast(connection: duckdb.DuckDBPyConnection, months: int) -> Outcome:
    outcome = forecast(connection, as_of=month_after(FIRST, months))
    for table, columns in SHAPES.items():
        for row in connection.execute(f"from forecast.{table}").fetchall():
            for name, value in zip(columns, row, strict=True):
                assert not isinstance(value, float) or math.isfinite(value), (table, name)
    return outcome


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    return list(connection.execute(query).fetchall())


def _content(connection: duckdb.DuckDBPyConnection) -> dict[str, Rows]:
    return {table: _rows(connection, f"from forecast.{table} order by all") for table in SHAPES}


@pytest.mark.parametrize("months", [0, 1, 2, 5, 8])
def test_a_young_shop_has_rows_with_a_reason_alone(months: int) -> None:
    connection = _warehouse(months) if months else _warehouse(1, has_orders=False)
    if months == 0:
        connection.execute("delete from intermediate.int_stage_spells")
    outcome = _forecast(connection, max(months, 1))
    assert set(outcome.methods.values()) == {None}
    for table, series in (("stage_forecasts", 3), ("revenue_forecasts", 3)):
        assert _rows(
            connection,
            f"select reason_code, count(*), count(expected) from forecast.{table} group by 1",
        ) == [("history_too_short", series * 12, 0)]
    assert _rows(connection, "from forecast.stage_forecast_backtests") == []


def test_months_ahead_that_nothing_can_judge_are_null() -> None:
    connection = _warehouse(12)
    assert _forecast(connection, 12).methods["stages:l"] is not None
    reasons = _rows(
        connection,
        "select months_ahead, bool_or(reason_code = 'horizon_not_backtested'), count(expected)"
        " from forecast.revenue_forecasts where reason_code in ('forecast', 'horizon_not_backtested')"
        " group by 1 order by 1",
    )
    assert {ahead for ahead, is_far, _ in reasons if is_far} == set(range(5, 13))
    assert all(count == 0 for _, is_far, count in reasons if is_far)


def test_a_number_is_there_exactly_where_the_reason_is_forecast() -> None:
    connection = _warehouse(36)
    _forecast(connection, 36)
    for table, name in (("stage_forecasts", ""), ("revenue_forecasts", "cumulative_")):
        for prefix in {"", name}:
            assert (
                _rows(
                    connection,
                    f"from forecast.{table} where ({prefix}reason_code = 'forecast') is distinct from"
                    f" ({prefix}expected is not null and {prefix}low <= {prefix}expected"
                    f" and {prefix}expected <= {prefix}high)",
                )
                == []
            )
    reasons = _rows(connection, "select distinct reason_code from forecast.forecast_candidates")
    assert {reason for (reason,) in reasons} <= {str(reason) for reason in Reason}


def test_the_backtest_is_of_what_is_published() -> None:
    connection = _warehouse(36)
    _forecast(connection, 36)
    published = (
        "select distinct stage, method from forecast.stage_forecasts where reason_code = 'forecast'"
    )
    judged = "select distinct stage, method from forecast.stage_forecast_backtests"
    assert sorted(_rows(connection, published)) == sorted(_rows(connection, judged)) != []
    held = _rows(
        connection,
        "select stage, avg((actual_customer_count between low and high)::int),"
        " max(months_ahead), min(origin_month) from forecast.stage_forecast_backtests group by 1",
    )
    for stage, share, ahead, origin in held:
        assert 0.75 <= share <= 0.85, stage
        assert (ahead, origin) == (12, date(2022, 6, 1))
    assert (
        _rows(
            connection,
            "select part from forecast.revenue_forecast_backtests where part = 'all' group by part"
            " having avg((actual between low and high)::int) not between 0.75 and 0.85",
        )
        == []
    )


def test_parts_sum_to_all_to_the_cent() -> None:
    connection = _warehouse(36)
    _forecast(connection, 36)
    for table in ("revenue_forecasts", "revenue_forecast_backtests"):
        differing = _rows(
            connection,
            f"select origin_month, month from forecast.{table} group by all having count(expected) = 3"
            " and sum(if(part = 'all', expected, -expected)::decimal(18, 2)) <> 0",
        )
        assert differing == []


def test_a_second_forecast_of_the_same_data_changes_nothing() -> None:
    connection = _warehouse(30)
    _forecast(connection, 30)
    before = _content(connection)
    _forecast(connection, 30)
    assert _content(connection) == before


def test_what_came_after_as_of_is_not_read() -> None:
    """A build as of an earlier day, on tables that know more: it may happen in a part of a build."""
    early, late = _warehouse(24), _warehouse(24)
    _forecast(early, 20)
    late.execute(
        f"delete from intermediate.int_cohort_months_counted"
        f" where cohort_month + to_months(months_since_first_order) >= date '{month_after(FIRST, 20)}'"
    )
    _forecast(late, 20)
    assert _content(early) == _content(late)


def test_candidates_of_other_forecasts_are_left_alone() -> None:
    connection = duckdb.connect()
    ensure_tables(connection)
    write_candidates(connection, "value", [{"forecast": "value:orders", "candidate": "naive"}])
    write_candidates(connection, "stages", [{"forecast": "stages:l", "candidate": "no_change"}])
    write_candidates(connection, "value", [{"forecast": "value", "candidate": "naive"}])
    found = _rows(
        connection, "select forecast, candidate from forecast.forecast_candidates order by 1"
    )
    assert found == [("stages:l", "no_change"), ("value", "naive")]


def test_whole_months() -> None:
    assert last_whole_month(date(2026, 1, 1)) == date(2025, 12, 1)
    assert last_whole_month(date(2026, 1, 2)) == date(2025, 12, 1)
    assert month_after(date(2025, 12, 1), 13) == date(2027, 1, 1)
