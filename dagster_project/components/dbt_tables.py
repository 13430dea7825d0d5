"""What Dagster shows of models that a run built. Belongs here: rows, columns, column lineage. Does not belong
here: running dbt, or names (`dbt_translator.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from dagster_project.components.dbt_project import MANIFEST, TRANSLATOR
from dagster_project.settings import Settings
from dagster_project.transformation.remembered import RememberedLineage
from dagster_project.transformation.runner import Table


class BuiltTables:
    """Dagster's metadata of models and seeds, one after the other as dbt builds them. `columns`, by
    `schema.table`, are those of every relation so far; what is built is added."""

    def __init__(
        self,
        settings: Settings,
        columns: dict[str, list[str]],
    ) -> None:
        self._nodes = {**MANIFEST["nodes"], **MANIFEST["sources"]}
        self._target = settings.dbt_target_folder
        self._columns = columns
        self._lineage = RememberedLineage(settings, columns)

    def metadata(self, unique_id: str, table: Table | None) -> dict[str, Any]:
        """Of one model or seed. Views have no row count: counting would run them."""
        node = self._nodes[unique_id]
        relation = f"{node['schema']}.{node['alias']}"
        if table is None:
            return {}
        self._columns[relation] = list(table.columns)
        described = node.get("columns", {})
        found: dict[str, Any] = {
            "dagster/column_schema": dg.TableSchema(
                [
                    dg.TableColumn(
                        name, kind, description=described.get(name, {}).get("description")
                    )
                    for name, kind in table.columns.items()
                ]
            )
        }
        if table.rows is not None:
            found["dagster/row_count"] = table.rows
        lineage = self._column_lineage(relation, node)
        if lineage:
            found["dagster/column_lineage"] = dg.TableColumnLineage(lineage)
        return found

    def keep_lineage(self) -> None:
        """For the next build, which need not read the same SQL again."""
        self._lineage.keep()

    def _column_lineage(
        self, relation: str, node: Mapping[str, Any]
    ) -> dict[str, list[dg.TableColumnDep]]:
        if node["resource_type"] != "model":
            return {}
        compiled = self._target / "compiled" / node["package_name"] / node["original_file_path"]
        keys = self._keys_by_relation(node)
        return {
            column: [
                dg.TableColumnDep(keys[origin], origin_column)
                for origin, origin_column in origins
                if origin in keys
            ]
            for column, origins in self._lineage.of(relation, list(keys), compiled).items()
        }

    def _keys_by_relation(self, node: Mapping[str, Any]) -> dict[str, dg.AssetKey]:
        parents = {parent: self._nodes[parent] for parent in node["depends_on"]["nodes"]}
        return {
            f"{parent['schema']}.{parent.get('alias') or parent['name']}": TRANSLATOR.get_asset_key(
                parent
            )
            for parent in parents.values()
        }
