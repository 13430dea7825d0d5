"""The verification of a finished build before it becomes visible. Belongs here: comparisons of the new
file and its Parquet with the private warehouse, through new read-only connections. Does not belong here:
whether the data is right; the checks before publication test that."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dagster_project.errors import UserError
from dagster_project.publication import layout, snapshot
from dagster_project.publication.snapshot import PRIVATE, SERVED
from dagster_project.warehouse.log import log_of
from dagster_project.warehouse.sql import literal


def verify(
    folder: Path,
    warehouse: Path,
    *,
    threads: int | None = None,
    memory_limit: str | None = None,
) -> dict[str, int]:
    """The number of rows of every served table, by "schema.table". Raises UserError when a table is
    missing, when its columns or its number of rows differ from the private warehouse, when its Parquet
    differs from it, when two tables share a name, or when a WAL was left."""
    file = folder / layout.DATABASE
    refuse_wal(file)
    with snapshot.session(
        scratch=folder / ".scratch", threads=threads, memory_limit=memory_limit
    ) as connection:
        snapshot.attach_private(connection, warehouse)
        snapshot.attach_finished(connection, file)
        served = snapshot.relations(connection, SERVED)
        expected = snapshot.relations(connection, PRIVATE)
        missing = [relation.label for relation in expected if relation not in served]
        if missing:
            raise _broken(file, f"{missing[0]} is missing")
        counts: dict[str, int] = {}
        for relation in served:
            rows = snapshot.row_count(connection, relation, SERVED)
            counts[relation.label] = rows
            if relation.schema != "meta":
                private_rows = snapshot.row_count(connection, relation, PRIVATE)
                if rows != private_rows:
                    raise _broken(file, f"{relation.label} has {rows} rows, not {private_rows}")
                if snapshot.columns(connection, relation, SERVED) != snapshot.columns_of(
                    connection, snapshot.served_rows(connection, relation)
                ):
                    raise _broken(file, f"{relation.label} has other columns than the mart")
            _verify_parquet(connection, folder, relation, rows)
    return counts


def refuse_wal(file: Path) -> None:
    """Raises UserError when a write-ahead log lies beside the file: DuckDB would replay it."""
    wal = log_of(file)
    if wal.exists():
        raise UserError(
            "A write-ahead log lies beside a served file; readers would replay it.",
            where=str(wal),
            todo="Find the process that wrote to the served file, remove the .wal file, run again.",
        )


def _verify_parquet(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    relation: snapshot.Relation,
    rows: int,
) -> None:
    file = layout.parquet_file(folder, relation.name)
    files = list(file.parent.glob("*.parquet"))
    if files != [file]:
        what = "another Parquet file lies" if file in files else "the Parquet file is missing"
        raise _broken(file, what)
    source = f"read_parquet({literal(str(file))})"
    found = connection.execute(f"select count(*) from {source}").fetchone()
    names = [row[0] for row in connection.execute(f"describe from {source}").fetchall()]
    expected = [name for name, _ in snapshot.columns(connection, relation, SERVED)]
    if found is None or int(found[0]) != rows or names != expected:
        raise _broken(file, f"the Parquet of {relation.label} differs from the table")


def _broken(where: Path, what: str) -> UserError:
    return UserError(
        f"The new build failed its verification: {what}.",
        where=str(where),
        todo="The served build is unchanged. Run the build again; if it fails again, report it.",
    )
