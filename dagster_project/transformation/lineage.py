"""Which column comes from which. Belongs here: reading compiled SQL with sqlglot, and remembering what
was read until the SQL changes. Does not belong here: showing it (`defs/transformation`)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

# column -> [(schema.table, column), …] that it is computed from
ColumnLineage = dict[str, list[tuple[str, str]]]
Columns = Mapping[str, list[str]]  # schema.table -> its columns

# The build's date is compiled into the SQL; it does not change what comes from where.
_DATE = re.compile(r"'\d{4}-\d\d-\d\d")


class LineageReader:
    """Reads column lineage, with a memory in a file: a model is read again when its SQL or the
    columns that it reads have changed."""

    def __init__(self, memory: Path, columns: Columns) -> None:
        self._path, self._columns = memory, columns
        self._memory: dict[str, dict[str, list[list[str]]]] = {}
        if memory.exists():
            self._memory = json.loads(memory.read_text())
        self._used: dict[str, dict[str, list[list[str]]]] = {}

    def read(self, relation: str, sql: str) -> ColumnLineage:
        """The lineage of a relation's columns from its compiled SQL; empty where sqlglot cannot
        read the SQL, as lineage is for people, not for correctness."""
        columns = self._columns.get(relation, [])
        key = hashlib.sha256("\n".join([_DATE.sub("'", sql), *columns]).encode()).hexdigest()
        known = self._memory.get(key) or self._used.get(key)
        if known is None:
            known = _column_lineage(sql, columns, self._columns)
        self._used[key] = known
        return {
            column: [(origin[0], origin[1]) for origin in origins]
            for column, origins in known.items()
        }

    def save(self) -> None:
        """Keeps what was used this time, forgets the rest."""
        self._path.write_text(json.dumps(self._used))


def _column_lineage(sql: str, columns: list[str], schemas: Columns) -> dict[str, list[list[str]]]:
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for relation, names in schemas.items():
        schema_name, table = relation.split(".", 1)
        schema.setdefault(schema_name, {})[table] = dict.fromkeys(names, "text")
    try:
        tree = sqlglot.parse_one(_without_catalog(sql), dialect="duckdb")
        qualified = qualify(
            tree, schema=schema, dialect="duckdb", validate_qualify_columns=False, identify=False
        )
        scope = build_scope(qualified)
        found: dict[str, list[list[str]]] = {}
        for column in columns:
            node = lineage(column, qualified, schema, dialect="duckdb", scope=scope, copy=False)
            origins = {
                (leaf.source.db + "." + leaf.source.name, leaf.name.split(".")[-1].strip('"'))
                for leaf in node.walk()
                if isinstance(leaf.source, exp.Table) and leaf.source.db
            }
            found[column] = [list(origin) for origin in sorted(origins)]
    except (SqlglotError, ValueError, KeyError, AttributeError, RecursionError):
        return {}
    return found


def _without_catalog(sql: str) -> str:
    """Relations as schema.table: dbt writes them with the catalog, which is the file's name."""
    return re.sub(r'"\w+"\."(\w+)"\."(\w+)"', r'"\1"."\2"', sql)
