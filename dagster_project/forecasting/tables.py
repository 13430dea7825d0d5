"""The tables of forecasts in the schema `forecast` of the private warehouse. Belongs here: their columns and
writing them. Does not belong here: how their content is computed, those of lifetime value, or what readers
see (`dbt/models/marts/`)."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from dagster_project.forecasting import schema
from dagster_project.forecasting.schema import Row

CANDIDATES = "forecast_candidates"
_EXPECTED = dict.fromkeys(("expected", "low", "high"), "double")
SHAPES = {
    "stage_forecasts": {
        **dict.fromkeys(("lifecycle", "stage", "method", "reason_code"), "varchar"),
        **dict.fromkeys(("months_ahead", "origin_customer_count", "known_error_count"), "integer"),
        **_EXPECTED,
        **dict.fromkeys(("origin_month", "month"), "date"),
    },
    "stage_forecast_backtests": {
        **dict.fromkeys(("lifecycle", "stage", "method"), "varchar"),
        **dict.fromkeys(("months_ahead", "origin_customer_count", "known_error_count"), "integer"),
        "actual_customer_count": "integer",
        **_EXPECTED,
        **dict.fromkeys(("origin_month", "month"), "date"),
    },
    "revenue_forecasts": {
        **dict.fromkeys(("part", "method", "reason_code", "cumulative_reason_code"), "varchar"),
        "months_ahead": "integer",
        **_EXPECTED,
        **{f"cumulative_{name}": kind for name, kind in _EXPECTED.items()},
        **dict.fromkeys(("origin_month", "month"), "date"),
    },
    "revenue_forecast_backtests": {
        **dict.fromkeys(("part", "method"), "varchar"),
        "months_ahead": "integer",
        "actual": "double",
        **_EXPECTED,
        "cumulative_actual": "double",
        **{f"cumulative_{name}": kind for name, kind in _EXPECTED.items()},
        **dict.fromkeys(("origin_month", "month"), "date"),
    },
    CANDIDATES: {
        **dict.fromkeys(("forecast", "candidate"), "varchar"),
        "is_baseline": "boolean",
        **dict.fromkeys(("complexity", "origin_count", "point_count"), "integer"),
        "score_name": "varchar",
        **dict.fromkeys(("score", "score_difference", "standard_error", "coverage_80"), "double"),
        "is_published": "boolean",
        "reason_code": "varchar",
    },
}


def ensure_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates what is missing of these tables."""
    schema.ensure(connection, SHAPES)


def write(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    """Replaces the rows of a table. A column that a row does not name is null."""
    connection.execute(f"delete from forecast.{table}")
    schema.insert(connection, table, SHAPES[table], rows)


def write_candidates(
    connection: duckdb.DuckDBPyConnection, subject: str, rows: Sequence[Row]
) -> None:
    """Replaces the candidates of all forecasts of a subject, such as `stages` with its `stages:journey`."""
    connection.execute(
        f"delete from forecast.{CANDIDATES} where forecast = $1 or starts_with(forecast, $1 || ':')",
        [subject],
    )
    schema.insert(connection, CANDIDATES, SHAPES[CANDIDATES], rows)
