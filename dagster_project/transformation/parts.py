"""The two halves of the dbt project: before forecasts, and on them. Belongs here: which node is in
which. Does not belong here: running them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ON_FORECAST = "source:forecast+"  # dbt's words for everything that reads the schema `forecast`
COUNTED = ("model", "seed", "test")


def counted_nodes(manifest: Mapping[str, Any], *, on_forecast: bool) -> set[str]:
    """Ids of the models, seeds and tests of a half."""
    reached: set[str] = set()
    waiting = [
        key for key, source in manifest["sources"].items() if source["source_name"] == "forecast"
    ]
    while waiting:
        for child in manifest["child_map"].get(waiting.pop(), []):
            if child not in reached:
                reached.add(child)
                waiting.append(child)
    return {
        key
        for key, node in manifest["nodes"].items()
        if node["resource_type"] in COUNTED and (key in reached) is on_forecast
    }
