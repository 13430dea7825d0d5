"""The tables of the schema `forecast` in the private warehouse. Belongs here: their columns and writing
them. Does not belong here: how their content is computed, or what readers see (`dbt/models/marts/value/`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import duckdb

from dagster_project.forecasting import schema
from dagster_project.forecasting.schema import Row
from dagster_project.lifetime_value.holdout_measures import MEASURES

if TYPE_CHECKING:
    import pyarrow as pa

    from dagster_project.lifetime_value.btyd.cells import Floats

KEYS = ("frequency", "cell_recency", "cell_age", "spend_frequency")
LINES = ("revenue", "revenue_low_80", "revenue_high_80", "revenue_low_95", "revenue_high_95")
NUMBERS = (
    "probability_alive",
    "probability_active",
    "expected_orders",
    "time_to_next_order",
    *(f"{line}_{part}" for line in LINES for part in ("constant", "slope")),
)
MODEL_COLUMNS = {
    **dict.fromkeys(("model_id", "family", "component", "segment", "status"), "varchar"),
    **dict.fromkeys(("parameters", "log_covariance", "at_boundary", "data_hash"), "varchar"),
    "as_of": "date",
    "fitted_to": "date",
    "fitted_at": "timestamp",
    "customer_count": "bigint",
    "iterations": "bigint",
    "log_likelihood": "double",
    "comparable_log_likelihood": "double",
    "frequency_spend_correlation": "double",
    "is_champion": "boolean",
    **{f"holdout_{measure}": "double" for measure in MEASURES},
    "build_id": "varchar",
    "is_current": "boolean",
}
SHAPES = {
    "lifetime_value_scores": {
        **dict.fromkeys(KEYS, "integer"),
        **dict.fromkeys(NUMBERS, "double"),
    },
    "lifetime_value_verdicts": {
        "model_id": "varchar",
        "reason_code": "varchar",
        "orders_method": "varchar",
        "revenue_method": "varchar",
        "revenue_levels": "varchar",
        "horizon_days": "double",
        "last_year_share": "double",
        "discount_factor": "double",
        "total_expected_orders": "double",
        "total_expected_orders_low": "double",
        "total_expected_orders_high": "double",
        "fitted_until": "date",
        "has_drifted": "boolean",
    },
    "lifetime_value_models": MODEL_COLUMNS,
    "lifetime_value_diagnostics": {
        "diagnostic": "varchar",
        "family": "varchar",
        "point_number": "integer",
        "position": "double",
        "expected": "double",
        "actual": "double",
    },
}


def ensure_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates what is missing of these tables."""
    schema.ensure(connection, SHAPES)


def write_scores(
    connection: duckdb.DuckDBPyConnection,
    cells: Mapping[str, Floats],
    scores: Mapping[str, Floats | None],
) -> None:
    """Replaces the scores. A column that could not be computed (None) becomes null."""
    import pyarrow as pa

    size = len(cells["frequency"])
    columns: dict[str, pa.Array] = {key: pa.array(cells[key]) for key in KEYS}
    for name in NUMBERS:
        values = scores.get(name)
        columns[name] = pa.nulls(size, pa.float64()) if values is None else pa.array(values)
    delete_scores(connection)
    schema.insert_table(connection, "lifetime_value_scores", pa.table(columns))


def delete_scores(connection: duckdb.DuckDBPyConnection) -> None:
    """Deletes all scores, when there is no model to compute them with."""
    connection.execute("delete from forecast.lifetime_value_scores")


def write_verdict(connection: duckdb.DuckDBPyConnection, row: Row) -> None:
    """Replaces the verdict."""
    _replace_rows(connection, "lifetime_value_verdicts", [row])


def write_diagnostics(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """Replaces the points of all plots."""
    _replace_rows(connection, "lifetime_value_diagnostics", rows)


def write_models(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """Adds this build's fits to the registry and marks them as current. A fit with the same id replaces its
    row."""
    connection.execute("update forecast.lifetime_value_models set is_current = false")
    for row in rows:
        connection.execute(
            "delete from forecast.lifetime_value_models where model_id = $1", [row["model_id"]]
        )
    schema.insert(connection, "lifetime_value_models", MODEL_COLUMNS, rows)


def _replace_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    connection.execute(f"delete from forecast.{table}")
    schema.insert(connection, table, SHAPES[table], rows)
