"""Which column comes from which. Belongs here: reading compiled SQL with sqlglot. Does not belong here:
remembering what was read (`remembered.py`), or showing it (`components/dbt_assets.py`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import MappingSchema

# column -> [(schema.table, column), …] that it is computed from
ColumnLineage = dict[str, list[tuple[str, str]]]
Columns = Mapping[str, list[str]]  # schema.table -> its columns


class LineageReader:
    """Reads column lineage of SQL over known relations (10 ms a model)."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    @cached_property
    def _schema(self) -> MappingSchema:
        """Made once, and only when something is read: sqlglot takes longer to make it than to read a model."""
        schema: dict[str, dict[str, dict[str, str]]] = {}
        for relation, names in self._columns.items():
            schema_name, table = relation.split(".", 1)
            schema.setdefault(schema_name, {})[table] = dict.fromkeys(names, "text")
        return MappingSchema(schema, dialect="duckdb")

    def read(self, relation: str, sql: str) -> ColumnLineage:
        """The lineage of a relation's columns from its compiled SQL; empty where sqlglot cannot
        read the SQL, as lineage is for people, not for correctness."""
        try:
            tree = sqlglot.parse_one(_without_catalog(sql), dialect="duckdb")
            qualified = qualify(
                tree, schema=self._schema, dialect="duckdb", validate_qualify_columns=False
            )
            scope = build_scope(qualified)
            found = {}
            for column in self._columns.get(relation, []):
                node = lineage(
                    column,
                    qualified,
                    self._schema,
                    dialect="duckdb",
                    scope=scope,
                    trim_selects=False,
                    copy=False,
                )
                origins = {
                    (f"{leaf.source.db}.{leaf.source.name}", leaf.name.split(".")[-1].strip('"'))
                    for leaf in node.walk()
                    if isinstance(leaf.source, exp.Table) and leaf.source.db
                }
                found[column] = sorted(origins)
        except (SqlglotError, ValueError, KeyError, AttributeError, RecursionError):
            return {}
        return found


def _without_catalog(sql: str) -> str:
    """Relations as schema.table: dbt writes them with the catalog, which is the file's name."""
    return re.sub(r'"\w+"\."(\w+)"\."(\w+)"', r'"\1"."\2"', sql)
