"""Column lineage: the columns of the relations, and which columns each is computed from. Belongs here: parsing
compiled SQL with sqlglot. Does not belong here: keeping the result from build to build (`remembered.py`), or
showing it (`components/dbt_tables.py`)."""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb
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


def known_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The columns of every relation of the warehouse, by `schema.table`."""
    found: dict[str, list[str]] = {}
    for relation, name in connection.execute(
        "select schema_name || '.' || table_name, column_name from duckdb_columns()"
        " where not internal order by table_oid, column_index"
    ).fetchall():
        found.setdefault(relation, []).append(name)
    return found


def read_lineage(relation: str, sql: str, columns: Columns) -> ColumnLineage:
    """The lineage of a relation's columns, from its compiled SQL and the columns of the relation and its
    parents (10 ms per model). Empty where sqlglot cannot parse the SQL: no result depends on lineage."""
    try:
        schema = _schema(columns)
        tree = sqlglot.parse_one(_without_catalog(sql), dialect="duckdb")
        qualified = qualify(tree, schema=schema, dialect="duckdb", validate_qualify_columns=False)
        scope = build_scope(qualified)
        found = {}
        for column in columns.get(relation, []):
            node = lineage(
                column,
                qualified,
                schema,
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


def _schema(columns: Columns) -> MappingSchema:
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for relation, names in columns.items():
        schema_name, table = relation.split(".", 1)
        schema.setdefault(schema_name, {})[table] = dict.fromkeys(names, "text")
    return MappingSchema(schema, dialect="duckdb")


def _without_catalog(sql: str) -> str:
    """The SQL with relations as schema.table. dbt also writes the catalog, which is the file's name."""
    return re.sub(r'"\w+"\."(\w+)"\."(\w+)"', r'"\1"."\2"', sql)
