"""Stages the records of delimited text. Belongs here: the fast path (DuckDB's strict reader, verified
by an independent count) and the careful path (bad records are quarantined, and the same reader reads
the good ones from a clean copy). Does not belong here: JSON, Parquet, and what values mean."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from pathlib import Path

import duckdb

from dagster_project.ingestion.count import Count, count_records
from dagster_project.ingestion.delivery import Reading, RejectionError, check_columns, column_name
from dagster_project.ingestion.formats import Entity
from dagster_project.ingestion.header import Header, read_header
from dagster_project.ingestion.records import (
    MAX_RECORD_BYTES,
    Records,
    scan_records,
    write_clean,
)
from dagster_project.ingestion.stage import stage
from dagster_project.warehouse.sql import literal


def read_csv(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    entity: Entity,
    renames: Mapping[str, str],
    *,
    may_be_empty: bool,
) -> Reading:
    """Stages the records of one uncompressed text file. Raises RejectionError when the file as a whole
    cannot be used."""
    header = read_header(path)
    count = count_records(path, header.delimiter)
    physical = count.records - header.records
    names = [column_name(name, at, renames) for at, name in enumerate(header.names, start=1)]
    check_columns(names, entity, physical=physical, delivered=header.names)
    if physical == 0 and not may_be_empty:
        raise RejectionError(
            "a header and no record; deliver the records, or list the entity under `may_be_empty`",
            columns=names,
        )
    columns = dict.fromkeys(names, "VARCHAR")
    if _read_fast(connection, path, entity, header, columns, count):
        return Reading(columns, physical, lambda numbers: _scan(path, header).raw(numbers))
    return _read_carefully(connection, path, entity, header, columns)


def _read_fast(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    entity: Entity,
    header: Header,
    columns: Mapping[str, str],
    count: Count,
) -> bool:
    """Stages the file as it is. Returns False when it does not hold good records alone."""
    # DuckDB drops a surplus empty field and accepts a NUL as a character; so both are counted here.
    expected = (len(columns) - 1) * count.records
    if count.is_open or count.has_nul or header.lines != 1 or count.delimiters != expected:
        return False
    select = _select(path, header.delimiter, columns, newline=header.newline, skip=1)
    try:
        physical = count.records - 1
        return stage(connection, select, columns, entity, physical) == physical
    except duckdb.InvalidInputException:
        # The error's message quotes the record, so it must not leave this function.
        return False


def _read_carefully(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    entity: Entity,
    header: Header,
    columns: dict[str, str],
) -> Reading:
    records = _scan(path, header)
    clean = path.with_name("clean.csv")
    write_clean(records, clean)
    good = records.good_numbers
    select = _select(clean, header.delimiter, columns, newline="\n", skip=0)
    try:
        staged = stage(connection, select, columns, entity, len(records))
    except duckdb.InvalidInputException:
        staged = -1
    finally:
        clean.unlink()
    if staged != len(good):
        raise RejectionError(
            "the reader and the independent count disagree about its records; check its quotes",
            physical=len(records),
            columns=list(columns),
        )
    return Reading(columns, len(records), records.raw, records.faults(), good)


def _scan(path: Path, header: Header) -> Records:
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return scan_records(data, header.end, header.lines + 1, header.delimiter, len(header.names))


def _select(
    path: Path, delimiter: str, columns: Mapping[str, str], *, newline: str, skip: int
) -> str:
    types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in columns)
    # `strict_mode` is left at its default, true: DuckDB 1.5.5 reads no row when it is given beside
    # a `new_line` of CRLF.
    return f"""
        select * from read_csv(
            {literal(str(path))}, auto_detect = false, header = false, skip = {skip},
            delim = {literal(delimiter)}, quote = '"', escape = '"',
            new_line = {literal(newline.encode("unicode_escape").decode())},
            null_padding = false, ignore_errors = false,
            maximum_line_size = {2 * MAX_RECORD_BYTES}, columns = {{{types}}}
        )"""
