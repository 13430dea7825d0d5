"""Incremental runs of a small company without Dagster and Great Expectations: deliveries are ingested, and
dbt builds on the run before. Belongs here: the runs. Does not belong here: what is delivered, or
expectations."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from dagster_project.components.declared import declared_formats
from dagster_project.forecasting.tables import ensure_tables as ensure_forecast_tables
from dagster_project.ingestion import Source, ensure_tables, ingest
from dagster_project.lifetime_value.tables import ensure_tables as ensure_value_tables
from dagster_project.settings import Settings, load_settings
from dagster_project.transformation.incremental_state import (
    Base,
    build_environment,
    newest_load,
)
from dagster_project.transformation.project import (
    build_arguments,
    dbt_arguments,
    dbt_environment,
)
from dagster_project.warehouse import Warehouse

MARTS = ("core", "lifecycle", "value", "engagement", "care")
Record = Mapping[str, Any]
Delivery = Mapping[str, Sequence[Record]]


@dataclass
class Company:
    """One private warehouse and its landing folder. `parsed` is shared between companies with the same
    settings, as parsing takes longer than a run. `given` are settings of its own, without the prefix;
    `deliveries`: how entities are delivered, if not as changes; `selection`: dbt's options for which models
    are built, if not all."""

    folder: Path
    parsed: list[Any] = field(default_factory=list)
    given: Mapping[str, str] = field(default_factory=dict)
    base: Base | None = None
    runs: int = 0
    deliveries: Mapping[str, str] = field(default_factory=dict)
    selection: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.settings: Settings = load_settings(
            {
                "LIFECYCLE_HOME": str(self.folder / "home"),
                "LIFECYCLE_LANDING": str(self.folder / "landing"),
                "LIFECYCLE_SYSTEMS": "generic",
                "LIFECYCLE_CURRENCY": "EUR",
                "LIFECYCLE_PII_KEY": "a key for tests",
                **{f"LIFECYCLE_{name}": value for name, value in self.given.items()},
            }
        )
        self.settings.home.mkdir(parents=True)
        (self.folder / "landing" / "generic").mkdir(parents=True)

    def run(
        self,
        delivery: Delivery,
        as_of: date,
        *,
        full_refresh: bool = False,
        loaded_at: datetime | None = None,
        known_at: date | None = None,
    ) -> None:
        """Delivers, ingests, and builds the models: incrementally, or with a full refresh. `known_at` limits
        the build to what was known on a day."""
        self.runs += 1
        self.deliver(delivery, self.runs)
        warehouse = Warehouse(self.settings)
        with warehouse.connect() as connection:
            ensure_tables(connection, declared_formats())
            ensure_forecast_tables(connection)
            ensure_value_tables(connection)
            warehouse.install_pseudonym_key(connection)
            if any(delivery.values()):
                ingest(
                    connection,
                    self.source(),
                    build_id=str(self.runs),
                    loaded_at=loaded_at or self.now(),
                )
            last_load = newest_load(connection)
        self._models(as_of, None if full_refresh else self.base, known_at)
        self.base = Base(as_of, last_load)

    def deliver(self, delivery: Delivery, number: int) -> None:
        """Writes one file of each entity that has records."""
        for entity, records in delivery.items():
            if records:
                target = self.folder / "landing" / "generic" / entity / f"{number:03}.jsonl"
                target.parent.mkdir(exist_ok=True)
                target.write_text("".join(json.dumps(record) + "\n" for record in records))

    def source(self) -> Source:
        """The system whose files are delivered."""
        folder = self.folder / "landing" / "generic"
        return Source("generic", declared_formats()["generic"], folder, deliveries=self.deliveries)

    @staticmethod
    def now() -> datetime:
        """When files are loaded, if not otherwise said."""
        return datetime.now(UTC)

    def full_refresh(self, as_of: date) -> None:
        """Builds the models from raw alone, with nothing new delivered."""
        self.run({}, as_of, full_refresh=True)

    def marts(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every mart's rows, sorted."""
        with Warehouse(self.settings).connect(read_only=True) as connection:
            tables = connection.execute(
                "select table_schema || '.' || table_name from information_schema.tables"
                " where list_contains($1, table_schema) order by 1",
                [list(MARTS)],
            ).fetchall()
            return {
                table: connection.execute(f"from {table} order by all").fetchall()
                for (table,) in tables
            }

    def affected(self) -> tuple[int, int, int]:
        """The numbers of customers, of changed orders, and of orders in total that the last run computed
        again."""
        with Warehouse(self.settings).connect(read_only=True) as connection:
            row = connection.execute(
                "select (select count(*) from intermediate.int_affected_customers),"
                " (select count(*) from intermediate.int_affected_orders),"
                " (select count(*) from intermediate.int_affected_orders_of_customers)"
            ).fetchone()
        assert row is not None
        return row[0], row[1], row[2]

    def failed_tests(self) -> set[str]:
        """The singular dbt tests that find something in the tables as they are."""
        assert self.base is not None
        outcome = self._dbt(
            [*dbt_arguments(self.settings, "test"), "--select", "test_type:singular"],
            build_environment(self.base.as_of),
        )
        return {result.node.name for result in outcome.result if result.status in ("fail", "warn")}

    def _models(self, as_of: date, base: Base | None, known_at: date | None = None) -> None:
        outcome = self._dbt(
            [
                *build_arguments(
                    self.settings, is_incremental=base is not None, selection=self.selection
                ),
                *("--exclude-resource-type", "test"),
            ],
            build_environment(as_of, base=base, known_at=known_at),
        )
        assert outcome.success, outcome.exception or [
            (result.node.name, result.message)
            for result in outcome.result
            if result.status == "error"
        ]

    def _dbt(self, arguments: list[str], environment: Mapping[str, str]) -> Any:
        """Runs a dbt command in this process; the project is parsed once."""
        before = dict(os.environ)
        os.environ.update(dbt_environment(self.settings))
        os.environ.update(environment)
        os.environ["DBT_WAREHOUSE_PATH"] = str(self.settings.warehouse_path)
        try:
            if not self.parsed:
                parse = dbt_arguments(self.settings, "parse")
                self.parsed.append(dbtRunner().invoke(parse).result)
            return dbtRunner(manifest=self.parsed[0]).invoke(arguments)
        finally:
            DuckDBConnectionManager.close_all_connections()
            os.environ.clear()
            os.environ.update(before)


def rows(company: Company, query: str) -> list[tuple[Any, ...]]:
    """What a query of a company's private warehouse returns."""
    with Warehouse(company.settings).connect(read_only=True) as connection:
        return connection.execute(query).fetchall()
