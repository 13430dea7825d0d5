"""How Dagster shows the dbt project. Belongs here: owners, and leaving out systems that are not
enabled. Does not belong here: which assets there are (dagster-dbt makes them of the manifest), or how they
are made (`components/dbt.py`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject

from dagster_project.components.groups import group_of_node

OWNERS = {
    "staging": "team:data",
    "input": "team:data",
    "intermediate": "team:analytics",
    "marts": "team:analytics",
}


class LifecycleTranslator(DagsterDbtTranslator):
    """Assets named as dagster-dbt names them, grouped in the order of the flow. The models that
    stage the records of systems that are not enabled are built, as others read them, and not shown."""

    def __init__(self, manifest: Mapping[str, Any], systems: Collection[str]) -> None:
        super().__init__()
        shown = {f"raw_{system}" for system in systems}
        sources = {
            unique_id: node["source_name"]
            for unique_id, node in manifest["sources"].items()
            if node["source_name"].startswith("raw_")
        }
        hidden = {unique_id for unique_id, name in sources.items() if name not in shown}
        staging = {
            unique_id: node
            for unique_id, node in manifest["nodes"].items()
            if (parents := node["depends_on"].get("nodes")) and hidden.issuperset(parents)
        }
        #: Names of the hidden models.
        self.hidden_models = sorted(node["name"] for node in staging.values())
        nodes = [*staging.values(), *(manifest["sources"][unique_id] for unique_id in hidden)]
        self._hidden_keys = {self.get_asset_key(node) for node in nodes}

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """The asset without what is hidden among its parents."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        deps = [dep for dep in spec.deps if dep.asset_key not in self._hidden_keys]
        return spec.replace_attributes(deps=deps)

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """The check with a description: the test's own, else a sentence made of what it asks for."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        if spec is None:
            return None
        node = manifest["nodes"][unique_id]
        return dg.AssetCheckSpec(
            spec.name,
            asset=spec.asset_key,
            description=node["description"] or _sentence(node),
            additional_deps=spec.additional_deps,
            blocking=spec.blocking,
            metadata=spec.metadata,
            automation_condition=spec.automation_condition,
        )

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The model's own, without its SQL, which has a place of its own in dbt's docs."""
        return str(dbt_resource_props.get("description") or "")

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Its place in the flow (`groups.py`)."""
        return group_of_node(dbt_resource_props)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Who answers for the layer."""
        return [OWNERS.get(dbt_resource_props["fqn"][1], "team:data")]


def _sentence(node: Mapping[str, Any]) -> str:
    metadata = node.get("test_metadata") or {}
    wanted = dict(metadata.get("kwargs") or {})
    columns = ", ".join(wanted.get("columns") or [wanted.get("column_name") or ""])
    sentences = {
        "not_null": f"{columns} is never null.",
        "unique": f"{columns} is the key: complete, and each value occurs once.",
        "unique_combination": f"{columns} together are the key: complete, and each combination occurs once.",
        "relationships": f"Each {columns} is in {wanted.get('to')}.",
        "accepted_values": f"{columns} is one of: {', '.join(map(str, wanted.get('values') or []))}.",
    }
    return sentences.get(metadata.get("name", ""), "")
