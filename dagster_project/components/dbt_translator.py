"""How Dagster names the dbt project's assets. Belongs here: groups and owners. Does not belong here: which
assets there are (dagster-dbt makes them of the manifest), or how they are made (`components/dbt.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster_dbt import DagsterDbtTranslator

OWNERS = {
    "staging": "team:data",
    "input": "team:data",
    "intermediate": "team:analytics",
    "marts": "team:analytics",
}


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


TRANSLATOR = LifecycleTranslator()
