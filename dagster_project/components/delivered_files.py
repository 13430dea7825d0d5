"""A system that delivers files. Belongs here: turning one `defs.yaml` into landing, raw and ledger
assets with their arrival checks. Does not belong here: reading files (`ingestion/`)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import dagster as dg
import duckdb
from pydantic import Field

from dagster_project import progress
from dagster_project.components.checks import arrival_checks
from dagster_project.components.groups import group
from dagster_project.errors import DeliveryError
from dagster_project.ingestion import (
    FileProgress,
    Format,
    Load,
    Source,
    ingest,
    load_format,
)
from dagster_project.resources import Toolbox
from dagster_project.settings import Settings, load_settings


class DeliveredFiles(dg.Component, dg.Model, dg.Resolvable):
    """A system whose entities arrive as files (CSV, JSON Lines or Parquet, plain or compressed), one
    file or folder per entity, in the landing folder or inside an installed package."""

    system: str = Field(description="Name of the system; its raw schema is raw_<system>.")
    format: str = Field(description="A format of dagster_project/ingestion/formats/.")
    description: str = Field(description="What the system is, for people.")
    owners: list[str] = Field(default=["team:data"], description="Who answers for its data.")
    package: str | None = Field(default=None, description="Python package holding the files.")
    folder: str = Field(default="", description="Folder inside the landing folder or package.")
    ignored: list[str] = Field(default=[], description="File or folder names that are not read.")
    may_be_empty: list[str] = Field(
        default=[], description="Entities whose files may hold no record."
    )
    deliveries: dict[str, Literal["changes", "full", "whole_orders"]] = Field(
        default={},
        description="Per entity: changes (the default), full (what a file leaves out is deleted), or"
        " whole_orders (deleted of the orders that it names).",
    )
    deletions_allowed: float = Field(default=0.2, description="Largest share a file may delete.")
    renames: dict[str, dict[str, str]] = Field(
        default={}, description="Per entity: delivered column name to the format's name."
    )
    ignored_columns: dict[str, list[str]] = Field(
        default={}, description="Per entity: unknown columns that are meant as they are."
    )
    defaults: dict[str, dict[str, str]] = Field(
        default={}, description="Per entity and column: what an empty value means."
    )
    scales: dict[str, dict[str, int]] = Field(
        default={}, description="Per entity and column: the number that stands for five stars."
    )

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """The assets and arrival checks of this system; none when it is not enabled."""
        if self.system not in load_settings().systems:
            return dg.Definitions()
        declared = load_format(self.format)
        landing = [self._landing_spec(entity) for entity in declared.entities]
        return dg.Definitions(
            assets=[*landing, self._raw_assets(declared)],
            asset_checks=[arrival_checks(self.system, declared)],
        )

    def source(self, settings: Settings, declared: Format) -> Source:
        """Where this installation finds the system's files. Raises DeliveryError when a package is
        not installed."""
        return Source(
            system=self.system,
            format=declared,
            folder=self._folder(settings),
            ignored=tuple(self.ignored),
            renames=self.renames,
            may_be_empty=frozenset(self.may_be_empty),
            deliveries=self.deliveries,
            deletions_allowed=self.deletions_allowed,
            ignored_columns=self.ignored_columns,
            defaults=self.defaults,
            scales=self.scales,
            first_day=settings.first_day,
            days_ahead=settings.days_ahead,
            where=f"dagster_project/defs/ingestion/{self.system}/defs.yaml",
        )

    def _folder(self, settings: Settings) -> Path:
        if self.package is None:
            return settings.landing_folder(self.system) / self.folder
        found = find_spec(self.package)
        if found is None or not found.submodule_search_locations:
            raise DeliveryError(
                f"The data package {self.package} of system {self.system} is not installed.",
                where=f"system {self.system}",
                todo=f"Run `make build` with LIFECYCLE_SYSTEMS={self.system}, or install the extra"
                f" {self.system.replace('_', '-')} of this project.",
            )
        return Path(found.submodule_search_locations[0]) / self.folder

    def _landing_spec(self, entity: str) -> dg.AssetSpec:
        return dg.AssetSpec(
            ["landing", self.system, entity],
            group_name=group("landing"),
            kinds={"file"},
            owners=self.owners,
            description=f"Delivered files of {entity} of system {self.system}.",
        )

    def _raw_assets(self, declared: Format) -> dg.AssetsDefinition:
        system = self.system
        raw = [
            dg.AssetSpec(
                [f"raw_{system}", entity],
                deps=[["landing", system, entity]],
                group_name=group("ingestion"),
                kinds={"duckdb"},
                owners=self.owners,
                description=f"{entity} of system {system} as delivered: append-only, every version"
                " of every record, with its load and place in the file.",
                metadata={"dagster/table_name": f"raw_{system}.{entity}"},
            )
            for entity in declared.entities
        ]
        ledger = dg.AssetSpec(
            ["ingest", system],
            deps=[["landing", system, entity] for entity in declared.entities],
            group_name=group("ingestion"),
            kinds={"duckdb"},
            owners=self.owners,
            description=f"{self.description} One row per delivery in ingest.loads; what could not be"
            " used is in ingest.quarantine.",
            metadata={"dagster/table_name": "ingest.loads"},
        )

        @dg.multi_asset(name=f"ingest_{system}", specs=[*raw, ledger], can_subset=True)
        def ingest_system(
            context: dg.AssetExecutionContext, toolbox: dg.ResourceParam[Toolbox]
        ) -> Iterator[dg.MaterializeResult[None]]:
            step = f"ingest {system}"
            selected = context.selected_asset_keys
            entities = [
                e for e in declared.entities if dg.AssetKey([f"raw_{system}", e]) in selected
            ]
            with (
                progress.step(step),
                toolbox.explaining(context),
                toolbox.warehouse.connect() as connection,
            ):
                loads = self._ingest(
                    context, toolbox.settings, connection, declared, entities, step
                )
                tables = self._tables(connection, entities)
            for entity in entities:
                of_entity = [load for load in loads if load.entity == entity]
                yield dg.MaterializeResult(
                    asset_key=[f"raw_{system}", entity],
                    metadata={**tables[entity], **_totals(of_entity)},
                )
            if ledger.key in selected:
                yield dg.MaterializeResult(
                    asset_key=ledger.key, metadata={"deliveries": len(loads), **_totals(loads)}
                )

        return ingest_system

    def _ingest(
        self,
        context: dg.AssetExecutionContext,
        settings: Settings,
        connection: duckdb.DuckDBPyConnection,
        declared: Format,
        entities: list[str],
        step: str,
    ) -> list[Load]:
        def on_file(file: FileProgress) -> None:
            progress.advance(step, file.number, file.total)
            if file.state != "started":
                context.log.info(f"{file.system}/{file.location}: {file.state}")

        return ingest(
            connection,
            self.source(settings, declared),
            build_id=context.run_id,
            loaded_at=datetime.now(UTC),
            entities=entities,
            on_file=on_file,
        )

    def _tables(
        self, connection: duckdb.DuckDBPyConnection, entities: list[str]
    ) -> dict[str, dict[str, Any]]:
        """Dagster's metadata of the raw tables: rows, and columns with their types."""
        found: dict[str, dict[str, Any]] = {}
        for entity in entities:
            relation = f'raw_{self.system}."{entity}"'
            rows = connection.execute(f"select count(*) from {relation}").fetchall()[0][0]
            columns = connection.execute(f"describe {relation}").fetchall()
            schema = dg.TableSchema([dg.TableColumn(name, kind) for name, kind, *_ in columns])
            found[entity] = {"dagster/row_count": rows, "dagster/column_schema": schema}
        return found


def _totals(loads: list[Load]) -> dict[str, int]:
    """What this run's new deliveries held."""
    new = [load for load in loads if load.is_new]
    return {
        "new deliveries": len(new),
        "physical records": sum(load.physical_records for load in new),
        "accepted records": sum(load.accepted_records for load in new),
        "quarantined records": sum(load.quarantined_records for load in new),
        "re-delivered records": sum(load.redelivered_records for load in new),
    }
