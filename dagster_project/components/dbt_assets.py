"""What Dagster shows of models that a run built. Belongs here: rows, columns, column lineage. Does not belong
here: what it shows before any run (`dbt_declared.py`), or running dbt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

from dagster_project.components.dbt_declared import TRANSLATOR
from dagster_project.transformation.remembered import RememberedLineage
from dagster_project.transformation.runner import NodeResult
from dagster_project.warehouse import Warehouse

BUILT = ("success",)


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
        self._lineage = RememberedLineage(warehouse.settings, names)

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
