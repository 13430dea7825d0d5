"""Which column comes from which. Belongs here: reading compiled SQL with sqlglot, remembering what was read.
Does not belong here: showing it (`components/dbt_assets.py`)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

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
RELATION = re.compile(r'"(\w+)"\."(\w+)"')
# What lineage does not depend on. Comments too: the apostrophe of one would begin a text.
VALUE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\b\d+\b", re.DOTALL)


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


class RememberedLineage:
    """Lineage kept in a file from build to build: a night runs the same SQL with other dates. What cannot be
    read in the file is read from the SQL again."""

    def __init__(self, file: Path, columns: Columns) -> None:
        self._file = file
        self._columns = columns
        self._reader = LineageReader(columns)
        self._kept: dict[str, dict[str, Any]] = _kept(file)

    def read(self, relation: str, sql: str) -> ColumnLineage:
        """As `LineageReader.read`."""
        key = self._key(relation, sql)
        kept = self._kept.get(relation)
        if kept is None or kept["key"] != key:
            kept = {"key": key, "columns": self._reader.read(relation, sql)}
            self._kept[relation] = kept
        return {column: [(t, c) for t, c in found] for column, found in kept["columns"].items()}

    def keep(self) -> None:
        """Writes the file for the next build."""
        self._file.write_text(json.dumps(self._kept), encoding="utf-8")

    def _key(self, relation: str, sql: str) -> str:
        """Of all that lineage depends on: the SQL without the values in it, and its relations' columns."""
        sql = _without_catalog(sql)
        named = sorted({relation, *(".".join(found) for found in RELATION.findall(sql))})
        columns = [(name, self._columns.get(name)) for name in named]
        return hashlib.sha256(json.dumps([VALUE.sub("?", sql), columns]).encode()).hexdigest()


def _kept(file: Path) -> dict[str, dict[str, Any]]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _without_catalog(sql: str) -> str:
    """Relations as schema.table: dbt writes them with the catalog, which is the file's name."""
    return re.sub(r'"\w+"\."(\w+)"\."(\w+)"', r'"\1"."\2"', sql)
