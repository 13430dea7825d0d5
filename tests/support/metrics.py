"""The metrics of the semantic layer, queried as a BI tool queries them: by name, compiled by MetricFlow, run on
the served file. Belongs here: compiling and running. Does not belong here: the expected values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import duckdb
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlClient, SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

Rows = list[tuple[Any, ...]]


class Metrics:
    """Named metrics over one served file. `manifest` is dbt's `semantic_manifest.json`."""

    def __init__(self, manifest: Path, served: Path) -> None:
        parsed = parse_manifest_from_dbt_generated_manifest(manifest.read_text())
        self.names = [metric.name for metric in parsed.metrics]
        # Only the client's dialect is used; no query runs through it.
        dialect = SimpleNamespace(
            sql_engine_type=SqlEngine.DUCKDB, sql_plan_renderer=DuckDbSqlPlanRenderer()
        )
        self._engine = MetricFlowEngine(
            semantic_manifest_lookup=SemanticManifestLookup(parsed),
            sql_client=cast(SqlClient, dialect),
        )
        # Under the name by which dbt wrote the marts into the manifest.
        self.connection = duckdb.connect()
        self.connection.execute(f"attach '{served}' as warehouse (read_only)")

    def ask(self, metrics: Sequence[str], by: Sequence[str] = ()) -> Rows:
        """One row per value of `by`, in order: those values, then the metrics in the order asked for."""
        request = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=by or None)
        statement = self._engine.explain(request).sql_statement.sql
        columns = ", ".join(f'"{name}"' for name in (*by, *metrics))
        return self.connection.execute(
            f"select {columns} from ({statement}) order by all"
        ).fetchall()

    def sql(self, query: str) -> Rows:
        """The rows of a query over the same tables, as `core.fct_orders` and so on."""
        self.connection.execute("use warehouse")
        return self.connection.execute(query).fetchall()
