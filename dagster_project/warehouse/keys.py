"""Key columns of tables that Python creates. Belongs here: which they are, and how their text is stored. Does
not belong here: tables that dbt creates (`dbt/macros/engine/tables.sql` has the same rule)."""

from __future__ import annotations

KEYS = ("email", "phone", "identifier", "contact")
FEW = ("product_id", "content_id", "model_id", "build_id", "load_id")


def storage(name: str, kind: str) -> str:
    """A column's type, with a compression for keys that are text and distinct. By default DuckDB also builds a
    dictionary of them, only to find that hardly any repeats (docs/decisions/0029)."""
    is_key = (name.endswith(("_id", "_key")) or name in KEYS) and name not in FEW
    return f"{kind} using compression fsst" if is_key and kind.upper() == "VARCHAR" else kind
