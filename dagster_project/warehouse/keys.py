"""Columns of keys in tables that Python makes. Belongs here: which they are, and how their text is stored. Does
not belong here: tables that dbt makes (`dbt/macros/engine/tables.sql` has the same rule)."""

from __future__ import annotations

KEYS = ("email", "phone", "identifier", "contact")
FEW = ("product_id", "content_id", "model_id", "build_id", "load_id")


def storage(name: str, kind: str) -> str:
    """A column's type, and for text of keys of which there are many its compression: left to itself DuckDB
    also builds a dictionary of them, and finds that hardly one repeats (docs/decisions/0029)."""
    is_key = (name.endswith(("_id", "_key")) or name in KEYS) and name not in FEW
    return f"{kind} using compression fsst" if is_key and kind.upper() == "VARCHAR" else kind
