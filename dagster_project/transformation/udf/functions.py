"""Functions that models call and DuckDB does not have: a plugin of dbt-duckdb, named in
dbt/profiles.yml. Belongs here: registering them. Does not belong here: what they do."""

from __future__ import annotations

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from dagster_project.transformation.udf.phone_numbers import e164


class Plugin(BasePlugin):
    """Registers e164(phone, country)."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        conn.create_function(
            "e164", e164, ["VARCHAR", "VARCHAR"], "VARCHAR", null_handling="special"
        )
