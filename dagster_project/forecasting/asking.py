"""How forecasts ask for what dbt counted. Belongs here: queries on whichever engine holds dbt's tables. Does
not belong here: the queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Ask: TypeAlias = "Callable[[str], pa.Table]"
"""Runs a query on the engine that holds dbt's tables."""


def asking(connection: duckdb.DuckDBPyConnection) -> Ask:
    """An `Ask` that queries a DuckDB warehouse."""
    return lambda query: connection.execute(query).to_arrow_table()
