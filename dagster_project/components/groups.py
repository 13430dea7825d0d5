"""The groups of the lineage, in the order of the flow: each reads only from those before it, and Dagster
lists them by name. Belongs here: which group an asset is in. Does not belong here: the assets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FLOW = (
    "landing",
    "ingestion",
    "reference",
    "staging",
    "input",
    "affected",
    "identity",
    "orders",
    "activity",
    "stages",
    "care",
    "core",
    "engagement",
    "forecasts",
    "lifetime_value",
    "value",
    "lifecycle",
    "served",
)
# Folders of models that are called otherwise, by what the models are about.
FOLDERS = {
    "intermediate": "reference",
    "intermediate/value": "orders",
    "intermediate/lifecycle": "stages",
}
# Models that others read earlier in the flow than their neighbours.
ELSEWHERE = {
    "dim_dates": "activity",
    "dim_lifecycle_stages": "reference",
    "fct_customer_stage_intervals": "stages",
    "fct_customer_stage_transitions": "stages",
    "fct_lifecycle_stages_daily": "stages",
    "int_affected_clusters": "identity",
    "int_affected_customers": "orders",
    "int_affected_identifiers": "identity",
    "int_affected_identities": "identity",
    "int_affected_orders_of_customers": "orders",
    "int_affected_sharing": "identity",
    "int_channels": "input",
    "int_person_keys_before": "identity",
    "int_reporting_currency": "affected",
    "int_shared_before": "identity",
}


def group(name: str) -> str:
    """Dagster's name of a group, such as `05_input`."""
    return f"{FLOW.index(name) + 1:02}_{name}"


def group_of_node(node: Mapping[str, Any]) -> str:
    """The group of a model or seed."""
    if node["resource_type"] == "seed":
        return group("reference")
    folders = node["fqn"][1:-1]
    is_split = folders[0] in ("intermediate", "marts") and len(folders) > 1
    by_folder = FOLDERS.get("/".join(folders), folders[1] if is_split else folders[0])
    return group(ELSEWHERE.get(node["name"], by_folder))
