"""Stages the records of Parquet. Belongs here: the count from the file's footer, and columns with their
delivered types. Does not belong here: text formats, and what values mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from dagster_project.ingestion.delivery import Reading, RejectionError, check_columns, column_name
from dagster_project.ingestion.formats import Entity
from dagster_project.ingestion.stage import STAGED, stage
from dagster_project.warehouse.sql import literal, quoted

CORRUPT = "the Parquet file is truncated or corrupt; deliver it again"


def read_parquet(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    entity: Entity,
    renames: Mapping[str, str],
    *,
    may_be_empty: bool,
) -> Reading:
    """Stages the records of one Parquet file. Raises RejectionError when it cannot be used."""
    physical, delivered_names = _footer(path)
    reader = f"read_parquet({literal(str(path))}, hive_partitioning = false)"
    try:
        described = connection.execute(f"describe select * from {reader}").fetchall()
        # DuckDB gives a name that differs in case alone a number, so the footer's names are checked.
        names = [column_name(name, at, renames) for at, name in enumerate(delivered_names, start=1)]
        check_columns(names, entity, physical=physical, delivered=delivered_names)
        delivered = {name: kind for name, kind, *_ in described}
        if physical == 0 and not may_be_empty:
            raise RejectionError(
                "no record; deliver the records, or list the entity under `may_be_empty`",
                columns=names,
            )
        select = ", ".join(
            f"{quoted(name)} as {quoted(ours)}" for name, ours in zip(delivered, names, strict=True)
        )
        columns = dict(zip(names, delivered.values(), strict=True))
        staged = stage(connection, f"select {select} from {reader}", columns, entity, physical)
    except duckdb.Error as error:
        # Damaged pages raise the base class, which has no kind.
        if type(error) not in (duckdb.Error, duckdb.InvalidInputException, duckdb.IOException):
            raise
        raise RejectionError(CORRUPT, physical=physical) from None
    if staged != physical:
        raise RejectionError(
            "the reader and the footer disagree about its records; write it again",
            physical=physical,
            columns=names,
        )
    return Reading(columns, physical, lambda numbers: _as_json(connection, numbers, columns))


def _footer(path: Path) -> tuple[int, list[str]]:
    """The number of records and the names of the columns, by the file's footer."""
    # Loaded here: only a delivery in Parquet pays for it.
    from pyarrow import ArrowException, parquet

    try:
        metadata = parquet.read_metadata(str(path))
        return int(metadata.num_rows), list(metadata.schema.to_arrow_schema().names)
    except (ArrowException, ValueError, OSError):
        if path.stat().st_size == 0:
            raise RejectionError("the file is empty; deliver it again") from None
        raise RejectionError(CORRUPT) from None


def _as_json(
    connection: duckdb.DuckDBPyConnection, numbers: Sequence[int], columns: Mapping[str, str]
) -> list[tuple[int | None, bytes]]:
    """The records of the given numbers as JSON, since a record of a binary file has no text of its own."""
    fields = ", ".join(f"{literal(name)}, {quoted(name)}" for name in columns)
    rows = connection.execute(
        f"select json_object({fields})::varchar from {STAGED} "
        "where rowid in (select unnest($1::bigint[]) - 1) order by rowid",
        [list(numbers)],
    ).fetchall()
    return [(None, row[0].encode()) for row in rows]
