"""One delivery's transaction: raw rows, ledger row and quarantine are written together, or not at
all. Belongs here: the transaction, and the conservation check before its commit. Does not
belong here: deciding whether a file is new (`load.py`), the SQL of the insert (`insert.py`)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np

from dagster_project.errors import DeliveryError
from dagster_project.ingestion.consequences import with_deletions, with_superseded
from dagster_project.ingestion.count import unpack
from dagster_project.ingestion.declared import fill_declared
from dagster_project.ingestion.delivery import Fault, Reading, RejectionError
from dagster_project.ingestion.files import DeliveredFile, Source
from dagster_project.ingestion.insert import insert_staged, mark_unwanted, stage_numbers
from dagster_project.ingestion.ledger import (
    BLOB_BYTES,
    Load,
    write_faults,
    write_load,
    write_whole_file,
)
from dagster_project.ingestion.read_csv import read_csv
from dagster_project.ingestion.read_json import read_json
from dagster_project.ingestion.read_parquet import read_parquet
from dagster_project.ingestion.schema import fit_raw_table, raw_table
from dagster_project.ingestion.stage import drop_staged
from dagster_project.ingestion.validate import Validation, validate

READ = {"csv": read_csv, "json": read_json, "parquet": read_parquet}


def write_accepted(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    file: DeliveredFile,
    draft: Load,
    original: Load | None = None,
) -> Load:
    """Reads, validates and writes one delivery. `original`: an earlier load of the same content, if there is
    one. Raises RejectionError, and writes nothing, when the delivery as a whole cannot be used."""
    entity = source.format.entities[file.entity]
    try:
        with tempfile.TemporaryDirectory(prefix="ingest-") as workplace:
            reading = READ[file.reader](
                connection,
                _plain_file(file, Path(workplace)),
                entity,
                source.renames.get(file.entity, {}),
                may_be_empty=file.entity in source.may_be_empty,
            )
            fill_declared(connection, source, entity.name, reading)
            validation = validate(connection, source, entity, reading, draft.loaded_at)
            faults = reading.faults + _violations(reading, validation)
        _refuse_changed(file, draft, reading.physical)
        repeated = mark_unwanted(connection, entity, draft, validation)
        stage_numbers(connection, reading)
        with _transaction(connection):
            table = raw_table(draft.system, draft.entity)
            types, new = fit_raw_table(connection, table, reading.columns)
            load = replace(
                draft,
                physical_records=reading.physical,
                accepted_records=insert_staged(
                    connection,
                    table,
                    types,
                    reading,
                    draft,
                    is_partial=bool(repeated or validation.violations),
                ),
                quarantined_records=len(faults),
                redelivered_records=repeated,
                newest_record_at=validation.newest,
                columns_seen=tuple(reading.columns),
                new_columns=tuple(new),
            )
            if original is not None and not load.accepted_records:
                load = as_redelivered(load, original)
            load = with_deletions(connection, source, entity, load, reading)
            load = with_superseded(connection, entity, load)
            write_load(connection, load)
            write_faults(connection, load, faults)
            _check_conservation(load)
        return load
    finally:
        drop_staged(connection)


def write_redelivered(connection: duckdb.DuckDBPyConnection, draft: Load, original: Load) -> Load:
    """Records a file whose content was loaded from another location. Its accepted records count as
    redelivered; its quarantined records count as quarantined again."""
    load = replace(
        as_redelivered(draft, original),
        physical_records=original.physical_records,
        quarantined_records=original.quarantined_records,
        redelivered_records=original.physical_records - original.quarantined_records,
        newest_record_at=original.newest_record_at,
        columns_seen=original.columns_seen,
    )
    with _transaction(connection):
        write_load(connection, load)
    return load


def as_redelivered(load: Load, original: Load) -> Load:
    """A load that brought nothing but what an earlier one had brought."""
    return replace(load, status="redelivered", reason=f"the same content as {original.location}")


def write_rejected(
    connection: duckdb.DuckDBPyConnection,
    draft: Load,
    file: DeliveredFile,
    rejection: RejectionError,
) -> Load:
    """Records a file that cannot be used, and keeps its bytes in the quarantine."""
    load = replace(
        draft,
        status="rejected",
        reason=rejection.reason,
        physical_records=rejection.physical,
        quarantined_records=rejection.physical,
        columns_seen=rejection.columns,
    )
    with _transaction(connection):
        write_load(connection, load)
        write_whole_file(
            connection,
            load,
            _parts(file.path) if file.path.is_file() and load.content_hash else [b""],
        )
    return load


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("begin")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _plain_file(file: DeliveredFile, workplace: Path) -> Path:
    """The unpacked file, under a name without characters that DuckDB reads as a pattern."""
    plain = workplace / f"delivered.{file.reader}"
    if file.compression:
        unpack(file, plain)
    else:
        plain.symlink_to(file.path.absolute())
    return plain


def _violations(reading: Reading, validation: Validation) -> list[Fault]:
    rows = [row for row, _ in validation.violations]
    if not rows:
        return []
    if reading.record_numbers is None:
        numbers = [row + 1 for row in rows]
    else:
        numbers = reading.record_numbers[np.array(rows)].tolist()
    found = zip(numbers, reading.raw_records(numbers), validation.violations, strict=True)
    return [Fault(number, line, raw, reason) for number, (line, raw), (_, reason) in found]


def _refuse_changed(file: DeliveredFile, draft: Load, physical: int) -> None:
    found = file.path.stat() if file.path.is_file() else None
    is_same = found is not None and found.st_size == draft.bytes
    if draft.modified_ns is not None and found is not None:
        is_same = is_same and found.st_mtime_ns == draft.modified_ns
    if not is_same:
        raise RejectionError(
            "the file changed while it was read; deliver under another name, then rename",
            physical=physical,
        )


def _check_conservation(load: Load) -> None:
    found = load.accepted_records + load.quarantined_records + load.redelivered_records
    if load.physical_records != found:
        raise DeliveryError(
            f"The records do not add up: {load.physical_records} in the file, "
            f"{load.accepted_records} accepted, {load.quarantined_records} quarantined, "
            f"{load.redelivered_records} redelivered. Nothing of it was loaded.",
            where=f"{load.system}/{load.location}",
            todo="Report it as a defect; move the file out of the folder to let the other files load.",
        )


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        part = file.read(BLOB_BYTES)
        yield part
        while part := file.read(BLOB_BYTES):
            yield part
