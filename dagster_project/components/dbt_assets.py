"""What Dagster shows of the dbt project. Belongs here: groups, kinds, owners of models, and the metadata of
what a run built (rows, columns, column lineage). Does not belong here: running dbt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from dagster_project.transformation.lineage import RememberedLineage
from dagster_project.transformation.runner import NodeResult
from dagster_project.warehouse import Warehouse

OWNERS = {
    "staging": "team:data",
    "input": "team:data",
    "intermediate": "team:analytics",
    "marts": "team:analytics",
}
BUILT = ("success",)


class LifecycleTranslator(DagsterDbtTranslator):
    """Assets named as dagster-dbt names them; grouped by folder, the mart's subject first."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """`staging`, `input`, `identity`, … `core`, `lifecycle`, …; seeds are `reference`."""
        if dbt_resource_props["resource_type"] == "seed":
            return "reference"
        folders = dbt_resource_props["fqn"][1:-1]
        if folders[0] in ("intermediate", "marts") and len(folders) > 1:
            return str(folders[1])
        return str(folders[0])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Who answers for the layer."""
        return [OWNERS.get(dbt_resource_props["fqn"][1], "team:data")]


class BuiltTables:
    """Rows, columns and column lineage of what dbt built, read in one short connection: nobody else
    may have the warehouse open while dbt has."""

    def __init__(
        self,
        warehouse: Warehouse,
        nodes: Mapping[str, Mapping[str, Any]],
        results: Iterable[NodeResult],
    ) -> None:
        self._nodes = nodes
        self._target = warehouse.settings.dbt_target_folder
        self._seconds = {result.unique_id: result.seconds for result in results}
        self._columns: dict[str, list[tuple[str, str]]] = {}
        self._rows: dict[str, int] = {}
        self._read(warehouse)
        names = {
            relation: [name for name, _ in columns] for relation, columns in self._columns.items()
        }
        self._lineage = RememberedLineage(self._target / "lineage.json", names)

    def _read(self, warehouse: Warehouse) -> None:
        with warehouse.connect(read_only=True) as connection:
            for relation, name, data_type in connection.execute(
                "select schema_name || '.' || table_name, column_name, data_type"
                " from duckdb_columns() where not internal order by table_oid, column_index"
            ).fetchall():
                self._columns.setdefault(relation, []).append((name, data_type))
            tables = [
                relation
                for (relation,) in connection.execute(
                    "select schema_name || '.' || table_name from duckdb_tables()"
                ).fetchall()
            ]
            counts = " union all ".join(f"select '{t}', count(*) from {t}" for t in tables)
            self._rows = dict(connection.execute(counts).fetchall())

    def metadata(self, unique_id: str) -> dict[str, Any]:
        """Dagster metadata of one model or seed. Views have no row count: counting would run them."""
        node = self._nodes[unique_id]
        relation = f"{node['schema']}.{node['alias']}"
        described = node.get("columns", {})
        found: dict[str, Any] = {
            "dagster/table_name": relation,
            "seconds": self._seconds[unique_id],
            "dagster/column_schema": dg.TableSchema(
                [
                    dg.TableColumn(
                        name, data_type, description=described.get(name, {}).get("description")
                    )
                    for name, data_type in self._columns.get(relation, [])
                ]
            ),
        }
        if relation in self._rows:
            found["dagster/row_count"] = self._rows[relation]
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
        compiled = self._target / "compiled" / node["package_name"] / node["original_file_path"]
        if node["resource_type"] != "model" or not compiled.exists():
            return {}
        keys = self._keys_by_relation(node)
        return {
            column: [
                dg.TableColumnDep(keys[origin], origin_column)
                for origin, origin_column in origins
                if origin in keys
            ]
            for column, origins in self._lineage.read(relation, compiled.read_text()).items()
        }

    def _keys_by_relation(self, node: Mapping[str, Any]) -> dict[str, dg.AssetKey]:
        translator = LifecycleTranslator()
        parents = {parent: self._nodes[parent] for parent in node["depends_on"]["nodes"]}
        return {
            f"{parent['schema']}.{parent.get('alias') or parent['name']}": translator.get_asset_key(
                parent
            )
            for parent in parents.values()
        }
