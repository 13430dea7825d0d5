"""The new served file: a copy of the marts of the private warehouse. Belongs here: the DuckDB statements
that create, describe and export its tables. Does not belong here: where the file lies and when it becomes
visible (`publish.py`), the `meta` tables (`metadata.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.publication.layout import SCHEMAS
from dagster_project.publication.report_types import Comments
from dagster_project.warehouse.keys import storage
from dagster_project.warehouse.sql import literal as literal
from dagster_project.warehouse.sql import quoted as quoted

# Every client from 1.1 to 2.0 can read it. Later versions hardly made the file smaller (8 million rows:
# 403 MB against 427 MB). They also refuse a foreign WAL, which is not needed here: each build has its own
# folder, which is checked for a WAL.
STORAGE_VERSION = "v1.0.0"
# dbt writes the private catalog's name (its file is warehouse.duckdb) into every view.
PRIVATE, SERVED = "warehouse", "served"
# DuckDB's type of keys that are hashes (`dbt/macros/engine/keys.sql`).
KEY = "UUID"
OnStep = Callable[[str], None]


@dataclass(frozen=True)
class Relation:
    """One table or view, by schema and name."""

    schema: str
    name: str

    @property
    def label(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"

    def inside(self, catalog: str) -> str:
        """The quoted name in one of the attached databases."""
        return ".".join(quoted(part) for part in (catalog, self.schema, self.name))


@contextmanager
def session(
    *, scratch: Path, threads: int | None, memory_limit: str | None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory to which files are attached; it spills to `scratch`."""
    # Tables have no row order: keeping one would cost a fifth of the copy and a third of the export.
    config: dict[str, str | int | bool] = {
        "temp_directory": str(scratch),
        "preserve_insertion_order": False,
    }
    if threads is not None:
        config["threads"] = threads
    if memory_limit is not None:
        config["memory_limit"] = memory_limit
    connection = duckdb.connect(config=config)
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def attach_private(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """Attaches the private warehouse, read-only."""
    connection.execute(f"attach {literal(str(warehouse))} as {PRIVATE} (read_only)")


def attach_new(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Creates and attaches a file with all served schemas, including those without tables."""
    connection.execute(
        f"attach {literal(str(file))} as {SERVED} (storage_version '{STORAGE_VERSION}')"
    )
    for schema in (*SCHEMAS, "meta"):
        connection.execute(f"create schema {SERVED}.{schema}")


def attach_finished(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Attaches a served file as readers do."""
    connection.execute(f"attach {literal(str(file))} as {SERVED} (read_only)")


def relations(connection: duckdb.DuckDBPyConnection, catalog: str) -> list[Relation]:
    """All tables and views of the served schemas in one attached database, in a fixed order."""
    schemas = ", ".join(map(literal, (*SCHEMAS, "meta") if catalog == SERVED else SCHEMAS))
    rows = connection.execute(
        f"""
        select schema_name, table_name from duckdb_tables()
        where database_name = {literal(catalog)} and schema_name in ({schemas})
        union all
        select schema_name, view_name from duckdb_views()
        where database_name = {literal(catalog)} and schema_name in ({schemas})
        order by 1, 2
        """
    ).fetchall()
    return [Relation(schema, name) for schema, name in rows]


def columns(
    connection: duckdb.DuckDBPyConnection, relation: Relation, catalog: str
) -> list[tuple[str, str]]:
    """Names and types of a relation's columns, in order."""
    return columns_of(connection, relation.inside(catalog))


def columns_of(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[str, str]]:
    """Names and types of a query's columns, in order."""
    rows = connection.execute(f"describe {query}").fetchall()
    return [(row[0], row[1]) for row in rows]


def served_rows(connection: duckdb.DuckDBPyConnection, relation: Relation) -> str:
    """The query that returns a mart's rows as they are served. Keys that are numbers in the models
    (docs/decisions/0034) become 32 hex digits."""
    picked = ", ".join(
        f"lower(hex(cast({quoted(name)} as blob))) as {quoted(name)}"
        if kind == KEY
        else quoted(name)
        for name, kind in columns(connection, relation, PRIVATE)
    )
    return f"select {picked} from {relation.inside(PRIVATE)}"


def row_count(connection: duckdb.DuckDBPyConnection, relation: Relation, catalog: str) -> int:
    """The number of rows of a relation; DuckDB knows it for tables without reading them."""
    row = connection.execute(f"select count(*) from {relation.inside(catalog)}").fetchone()
    assert row is not None
    return int(row[0])


def copy(connection: duckdb.DuckDBPyConnection, relation: Relation) -> None:
    """Copies one mart into the served file; a view becomes a table."""
    rows, target = served_rows(connection, relation), relation.inside(SERVED)
    declared = ", ".join(
        f"{quoted(name)} {storage(name, kind)}" for name, kind in columns_of(connection, rows)
    )
    connection.execute(f"create table {target} ({declared})")
    connection.execute(f"insert into {target} {rows}")


def describe(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[Relation], comments: Comments
) -> None:
    """Writes the comments of tables and of the columns that they have, in one transaction."""
    statements = []
    for relation in tables:
        table, by_column = comments.get(relation.label, ("", {}))
        target = relation.inside(SERVED)
        if table:
            statements.append(f"comment on table {target} is {literal(table)}")
        present = {name.lower(): name for name, _ in columns(connection, relation, SERVED)}
        for column, text in by_column.items():
            if text and column.lower() in present:
                name = quoted(present[column.lower()])
                statements.append(f"comment on column {target}.{name} is {literal(text)}")
    connection.execute("; ".join(["begin", *statements, "commit"]))


def export(connection: duckdb.DuckDBPyConnection, relation: Relation, file: Path) -> None:
    """Writes one served table, even an empty one, as a Parquet file in a new folder."""
    file.parent.mkdir(parents=True)
    # Parquet has no 128-bit integer, and DuckDB would write a DOUBLE; a decimal keeps every digit.
    picked = ", ".join(
        f"cast({quoted(name)} as decimal(38, 0)) as {quoted(name)}"
        if kind in ("HUGEINT", "UHUGEINT")
        else quoted(name)
        for name, kind in columns(connection, relation, SERVED)
    )
    connection.execute(
        f"copy (select {picked} from {relation.inside(SERVED)}) "
        # Limits dictionaries to this many values; keys would fill the default limit, a fifth of a block.
        f"to {literal(str(file))} (format parquet, compression zstd, compression_level 1,"
        " dictionary_size_limit 10000)"
    )


def finish(connection: duckdb.DuckDBPyConnection) -> None:
    """Checkpoints the served file and detaches both files."""
    connection.execute(f"checkpoint {SERVED}")
    connection.execute(f"detach {SERVED}")
    connection.execute(f"detach {PRIVATE}")
