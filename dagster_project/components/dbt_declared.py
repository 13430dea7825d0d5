"""The dbt project as Dagster's assets and checks. Belongs here: what dagster-dbt makes of the manifest; names,
groups and owners. Does not belong here: which parts there are (`defs/transformation/`), or what is told of
them after a run (`dbt_assets.py`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import dagster as dg

from dagster_project.absent import absent
from dagster_project.transformation.results import MAKING

# dbt lives in a process of its own; dagster-dbt also works where it is not installed, and imports in a fifth
# of the time. All that it then cannot do is to select nodes by dbt's words, which takes another second.
with absent("dbt"):
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


def dbt_part(
    *, name: str, manifest: Mapping[str, Any], nodes: Collection[str]
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """As dagster-dbt's `dbt_assets`, for nodes given by their ids: an asset for each model and seed, and a
    check for each test of one that is attached to it."""
    assets: list[dg.AssetSpec] = []
    checks: dict[dg.AssetCheckKey, dg.AssetCheckSpec] = {}
    for unique_id in sorted(nodes):
        if manifest["nodes"][unique_id]["resource_type"] not in MAKING:
            continue
        spec = TRANSLATOR.get_asset_spec(manifest, unique_id, None)
        assets.append(spec)
        for child in manifest["child_map"][unique_id]:
            if child in nodes and manifest["nodes"][child]["resource_type"] == "test":
                check = TRANSLATOR.get_asset_check_spec(
                    asset_spec=spec, manifest=manifest, unique_id=child, project=None
                )
                if check is not None:
                    checks[check.key] = check
    return dg.multi_asset(
        name=name,
        specs=assets,
        check_specs=list(checks.values()),
        can_subset=True,
        allow_arbitrary_check_specs=True,
    )
