"""The forecast on the cluster: histories are counted and aggregated there, models are fitted to the cells in
this process, and scores go back as tables. Belongs here: moving the data in both directions. Does not belong
here: the forecasts themselves (`dagster_project/lifetime_value/`, `dagster_project/forecasting/`)."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from dagster_project.forecasting import run, tables
from dagster_project.lifetime_value.fit import forecast
from dagster_project.lifetime_value.histories import thresholds
from dagster_project.lifetime_value.tables import SHAPES, ensure_tables

REGISTRY = "lifetime_value_models"


def forecast_on(session: Any, as_of: date) -> None:
    """Replaces the tables of the schema `forecast`. The driver receives only cells of equal histories, the
    customers of the backtest (`value_backtest_customers`), and counts by month."""

    def ask(query: str) -> Any:
        return session.sql(query).toArrow()

    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        ensure_tables(connection)
        session.sql("create database if not exists forecast")
        if session.catalog.tableExists(
            f"forecast.{REGISTRY}"
        ):  # earlier fits are kept in the registry
            _put(connection, REGISTRY, session.table(f"forecast.{REGISTRY}").toArrow())
        forecast(
            connection,
            as_of=as_of,
            build_id=f"spark {as_of}",
            thresholds=thresholds(ask),
            ask=ask,
        )
        run.forecast(connection, as_of=as_of, ask=ask)
        for table in (*SHAPES, *tables.SHAPES):
            content = connection.execute(f"from forecast.{table}").to_arrow_table()
            session.sql(f"drop table if exists forecast.{table}")
            session.createDataFrame(content).write.saveAsTable(f"forecast.{table}")


def _put(connection: duckdb.DuckDBPyConnection, table: str, content: Any) -> None:
    connection.register("known", content)
    connection.execute(f"insert into forecast.{table} by name from known")
    connection.unregister("known")
