"""The load ledger and the quarantine. Belongs here: what one load is, its rows in `ingest.loads`
and `ingest.quarantine`, and what was delivered before. Does not belong here: raw rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from dagster_project.ingestion.delivery import Fault

BLOB_BYTES = 1 << 26
BATCH_FAULTS = 10_000


@dataclass(frozen=True)
class Load:
    """One delivery's row of the ledger. `status` is loaded, redelivered or rejected. `is_new` is
    False when an earlier run recorded the delivery. `new_columns` are the columns that its raw table
    did not have before.

    Of its accepted records, `superseded_records` are no longer the newest version of their key. Of
    `order_decided_records` its version counts only because the delivery came last: neither it nor the one
    before states when it was changed. `deleted_records` were there before and are not in a full delivery."""

    load_id: str
    load_number: int
    system: str
    entity: str
    location: str
    content_hash: str
    bytes: int
    status: str
    reason: str | None
    physical_records: int
    accepted_records: int
    quarantined_records: int
    redelivered_records: int
    newest_record_at: datetime | None
    columns_seen: tuple[str, ...]
    loaded_at: datetime
    build_id: str
    last_seen_build_id: str
    modified_ns: int | None = None
    superseded_records: int = 0
    order_decided_records: int = 0
    deleted_records: int = 0
    is_new: bool = True
    new_columns: tuple[str, ...] = ()


LEDGER_COLUMNS = tuple(Load.__dataclass_fields__)[:-2]


def load_id_of(system: str, entity: str, location: str, content_hash: str, returns: int = 0) -> str:
    """The load's id. It depends on no clock, so that the same delivery has the same id everywhere.
    `returns`: how many times the content was there before, with another one in between."""
    came_back = (str(returns),) if returns else ()
    return _short_hash(system, entity, location, content_hash, *came_back)


def past_loads(connection: duckdb.DuckDBPyConnection, system: str) -> list[Load]:
    """The system's ledger, in load order."""
    rows = connection.execute(
        f"select {', '.join(LEDGER_COLUMNS)} from ingest.loads where system = ? "
        "order by load_number",
        [system],
    ).fetchall()
    found = []
    for row in rows:
        values = dict(zip(LEDGER_COLUMNS, row, strict=True))
        values["columns_seen"] = tuple(json.loads(values["columns_seen"]))
        found.append(Load(**values, is_new=False))
    return found


def next_load_number(connection: duckdb.DuckDBPyConnection) -> int:
    """One more than the greatest load number so far."""
    row = connection.execute("select coalesce(max(load_number), 0) + 1 from ingest.loads")
    return int((row.fetchone() or (1,))[0])


def write_load(connection: duckdb.DuckDBPyConnection, load: Load) -> None:
    """Writes the ledger row. It replaces the rows that the load supersedes: its own earlier attempt, and
    rejected attempts at the same location that held no record, so that no record is lost."""
    rows = connection.execute(
        """
        select load_id from ingest.loads
        where load_id = $1
            or (
                system = $2 and entity = $3 and location = $4
                and status = 'rejected' and physical_records = 0 and bytes = 0
            )""",
        [load.load_id, load.system, load.entity, load.location],
    ).fetchall()
    for table in ("loads", "quarantine") if rows else ():
        connection.execute(
            f"delete from ingest.{table} where load_id in (select unnest($1::varchar[]))",
            [[load_id for (load_id,) in rows]],
        )
    values = [getattr(load, name) for name in LEDGER_COLUMNS]
    values[LEDGER_COLUMNS.index("columns_seen")] = json.dumps(load.columns_seen)
    marks = ", ".join("?" for _ in LEDGER_COLUMNS)
    connection.execute(
        f"insert into ingest.loads ({', '.join(LEDGER_COLUMNS)}) values ({marks})", values
    )


def add_superseded(connection: duckdb.DuckDBPyConnection, superseded: Mapping[str, int]) -> None:
    """Adds to the superseded records of earlier loads; `superseded` is per load id."""
    if superseded:
        connection.execute(
            """
            update ingest.loads set superseded_records = superseded_records + found.count
            from (select unnest($1::varchar[]) as load_id, unnest($2::bigint[]) as count) as found
            where loads.load_id = found.load_id""",
            [list(superseded), list(superseded.values())],
        )


def write_faults(
    connection: duckdb.DuckDBPyConnection, load: Load, faults: Sequence[Fault]
) -> None:
    """Writes one quarantine row per bad record."""
    for first in range(0, len(faults), BATCH_FAULTS):
        batch = faults[first : first + BATCH_FAULTS]
        connection.execute(
            """
            insert into ingest.quarantine
            select
                unnest($1::varchar[]), $2, $3, $4, $5, unnest($6::bigint[]),
                unnest($7::bigint[]), 1, unnest($8::blob[]), unnest($9::varchar[]), 'open', $10""",
            [
                [_short_hash(load.load_id, str(fault.record_number)) for fault in batch],
                load.load_id,
                load.system,
                load.entity,
                load.location,
                [fault.line_number for fault in batch],
                [fault.record_number for fault in batch],
                [fault.raw for fault in batch],
                [fault.reason for fault in batch],
                load.loaded_at,
            ],
        )


def write_whole_file(
    connection: duckdb.DuckDBPyConnection, load: Load, parts: Iterable[bytes]
) -> None:
    """Writes a rejected delivery's bytes to the quarantine: one row for every 64 MiB. The first row
    holds the number of records; `record_number` orders the rows."""
    for at, part in enumerate(parts):
        connection.execute(
            "insert into ingest.quarantine values (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, 'open', ?)",
            [
                _short_hash(load.load_id, f"part {at}"),
                load.load_id,
                load.system,
                load.entity,
                load.location,
                at + 1,
                load.physical_records if at == 0 else 0,
                part,
                load.reason,
                load.loaded_at,
            ],
        )


def write_stat(connection: duckdb.DuckDBPyConnection, load: Load) -> None:
    """Records the size and modification time of a file whose content was loaded before."""
    connection.execute(
        "update ingest.loads set bytes = $1, modified_ns = $2 where load_id = $3",
        [load.bytes, load.modified_ns, load.load_id],
    )


def mark_seen(
    connection: duckdb.DuckDBPyConnection, load_ids: Sequence[str], build_id: str
) -> None:
    """Records, in one statement, that this build has seen these deliveries again."""
    if load_ids:
        connection.execute(
            "update ingest.loads set last_seen_build_id = $1 "
            "where load_id in (select unnest($2::varchar[]))",
            [build_id, list(load_ids)],
        )


def _short_hash(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]
