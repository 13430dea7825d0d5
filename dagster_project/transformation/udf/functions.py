"""The dbt-duckdb plugin, named in `dbt/profiles.yml`, that gives DuckDB the functions it lacks. Belongs here:
registering them. Does not belong here: what they compute."""

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
