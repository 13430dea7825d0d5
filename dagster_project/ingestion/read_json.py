"""Stages the records of JSON Lines. Belongs here: finding the lines, refusing those that are no JSON
object, and turning keys into columns, in DuckDB and for all lines at once. Does not belong here:
delimited text, and what values mean."""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping
from pathlib import Path

import duckdb
import numpy as np

from dagster_project.ingestion.delivery import (
    Fault,
    Reading,
    RejectionError,
    check_columns,
    column_name,
)
from dagster_project.ingestion.formats import Entity
from dagster_project.ingestion.header import BOM
from dagster_project.ingestion.records import (
    MAX_RECORD_BYTES,
    Records,
    scan_records,
    write_clean,
)
from dagster_project.ingestion.stage import LINES, stage
from dagster_project.warehouse.sql import literal, quoted

NOT_AN_OBJECT = "not a JSON object"
KEY_TWICE = "a key twice"
NAMELESS_KEY = "a key without a name"


def read_json(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    entity: Entity,
    renames: Mapping[str, str],
    *,
    may_be_empty: bool,
) -> Reading:
    """Stages the records of one file of JSON objects, one per line. Every column is VARCHAR; nested
    values are JSON text. Raises RejectionError when the file as a whole cannot be used."""
    records = _scan(path, may_be_empty=may_be_empty)
    faults = records.faults() if len(records) else []
    numbers = records.good_numbers
    _stage_lines(connection, path, records)
    fault = (
        f"case when keys is null then {literal(NOT_AN_OBJECT)} "
        f"when list_bool_or(list_transform(keys, lambda key: trim(key) = '')) "
        f"then {literal(NAMELESS_KEY)} "
        f"when len(keys) <> list_unique(keys) then {literal(KEY_TWICE)} end"
    )
    bad = connection.execute(
        f"select rowid, {fault} as reason from {LINES} where reason is not null order by rowid"
    ).fetchall()
    where = [int(numbers[row]) for row, _ in bad]
    for number, (line, raw), (_, reason) in zip(where, records.raw(where), bad, strict=True):
        faults.append(Fault(number, line, raw, reason))
    connection.execute(f"delete from {LINES} where {fault} is not null")
    keys = _keys(connection, renames)
    if len(numbers) > len(bad):
        check_columns(list(keys.values()), entity, physical=len(records), delivered=list(keys))
    elif len(records):
        raise RejectionError(
            "no line is a JSON object; deliver one object per line", physical=len(records)
        )
    columns = dict.fromkeys(keys.values(), "VARCHAR")
    stage(connection, _select(keys), columns, entity, len(records))
    numbers = np.setdiff1d(numbers, np.array(where, np.int64), assume_unique=True)
    return Reading(columns, len(records), records.raw, faults, numbers)


def _scan(path: Path, *, may_be_empty: bool) -> Records:
    data: mmap.mmap | bytes = b""
    with path.open("rb") as file:
        if path.stat().st_size:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = len(BOM) if data[: len(BOM)] == BOM else 0
    records = scan_records(data, start, 1, None, 0)
    if not len(records) and not may_be_empty:
        raise RejectionError(
            "the file is empty; deliver it again, or list the entity under `may_be_empty`"
        )
    if len(records) and data[int(records.start[0])] == ord("["):
        raise RejectionError("a JSON array; deliver one object per line", physical=0)
    return records


def _stage_lines(connection: duckdb.DuckDBPyConnection, path: Path, records: Records) -> None:
    """Fills `staged_lines` with the good lines in order and their keys (null where a line is no JSON
    object)."""
    clean = path.with_name("clean.jsonl")
    write_clean(records, clean)
    try:
        connection.execute(f"""
            create or replace temp table {LINES} as
            select
                line,
                case
                    when json_valid(line) and json_type(line) = 'OBJECT' then json_keys(line)
                end as keys
            from read_csv(
                {literal(str(clean))}, auto_detect = false, header = false, delim = '\x1f',
                quote = '', escape = '', new_line = '\\n',
                maximum_line_size = {2 * MAX_RECORD_BYTES}, columns = {{'line': 'VARCHAR'}}
            )""")
        staged = connection.execute(f"select count(*) from {LINES}").fetchone()
    except duckdb.InvalidInputException:
        staged = None
    finally:
        clean.unlink()
    if staged is None or staged[0] != len(records.good_numbers):
        raise RejectionError(
            "the reader and the independent count disagree about its lines; check the file",
            physical=len(records),
        )


def _keys(connection: duckdb.DuckDBPyConnection, renames: Mapping[str, str]) -> dict[str, str]:
    """For each delivered key its column, in alphabetical order of the keys."""
    rows = connection.execute(f"select distinct unnest(keys) as key from {LINES} order by key")
    return {key: column_name(key, 0, renames) for (key,) in rows.fetchall()}


def _select(keys: Mapping[str, str]) -> str:
    """SQL that extracts every key of each line and parses a line once."""
    if not keys:
        return f"select line from {LINES}"
    structure = json.dumps(dict.fromkeys(keys, "VARCHAR"))
    values = ", ".join(f"parsed.{quoted(key)} as {quoted(column)}" for key, column in keys.items())
    return (
        f"select {values} from (select json_transform(line, {literal(structure)}) as parsed"
        f" from {LINES}) as lines"
    )
