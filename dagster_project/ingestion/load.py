"""Loads one system's deliveries into raw. Belongs here: which files are new, and one transaction per
file with its raw rows, ledger row and quarantine. Does not belong here: reading a format, checking
values."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from dagster_project.ingestion.delivery import RejectionError
from dagster_project.ingestion.files import DeliveredFile, Source, delivered_files
from dagster_project.ingestion.ledger import (
    Load,
    load_id_of,
    mark_seen,
    next_load_number,
    past_loads,
    write_stat,
)
from dagster_project.ingestion.schema import ensure_tables
from dagster_project.ingestion.transaction import write_accepted, write_redelivered, write_rejected

COARSE_NS, FINE_NS = 2_000_000_000, 50_000_000


@dataclass(frozen=True)
class FileProgress:
    """The progress of a system: file `number` of `total`, of size `bytes`. `state` is first started,
    then one of unchanged, loaded, redelivered, rejected."""

    system: str
    entity: str
    location: str
    number: int
    total: int
    bytes: int
    state: str


def ingest(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    *,
    build_id: str,
    loaded_at: datetime,
    entities: Collection[str] | None = None,
    on_file: Callable[[FileProgress], None] | None = None,
) -> list[Load]:
    """Loads every file that a system has delivered, each in its own transaction. Returns the load of
    each file; `is_new` is False for those loaded before. A file that cannot be used is rejected: its
    reason goes to the ledger, its bytes to the quarantine, and the other files are still loaded.
    `loaded_at` is stored in UTC. Raises DeliveryError, before anything is loaded, when the folder is
    missing or empty or holds something unknown. With `entities` only the files of these are loaded."""
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set preserve_insertion_order = true")
    files = [
        file for file in delivered_files(source) if entities is None or file.entity in entities
    ]
    ensure_tables(connection, {source.system: source.format})
    if loaded_at.tzinfo is not None:
        loaded_at = loaded_at.astimezone(UTC).replace(tzinfo=None)
    past = _Past(past_loads(connection, source.system))
    loads: list[Load] = []
    for number, file in enumerate(files, start=1):

        def report(state: str, size: int, file: DeliveredFile = file, number: int = number) -> None:
            if on_file is not None:
                where = (source.system, file.entity, file.location)
                on_file(FileProgress(*where, number, len(files), size, state))

        size, modified_ns = _stat(file.path)
        report("started", size)
        load = past.by_stat.get((file.entity, file.location, size, modified_ns))
        if load is None:
            draft = _draft(connection, source, file, past, build_id, loaded_at)
            load = _deliver(connection, source, file, draft, past)
        past.add(load)
        loads.append(load)
        report(load.status if load.is_new else "unchanged", size)
    mark_seen(connection, [load.load_id for load in loads if not load.is_new], build_id)
    return [replace(load, last_seen_build_id=build_id) for load in loads]


class _Past:
    """The system's loads, by what a new file is compared with. A rejected load is not among those with
    the same content, so that it is attempted again."""

    def __init__(self, loads: Sequence[Load]) -> None:
        self.by_stat: dict[tuple[str, str, int, int | None], Load] = {}
        self.by_id: dict[str, Load] = {}
        self.by_content: dict[tuple[str, str], Load] = {}
        self.at_location: dict[tuple[str, str], Load] = {}
        self.newest: dict[str, Load] = {}
        for load in loads:
            self.add(load)

    def add(self, load: Load) -> None:
        self.by_id[load.load_id] = load
        if load.status == "rejected":
            return
        self.at_location[load.entity, load.location] = load
        self.by_content[load.entity, load.content_hash] = load
        if load.status == "loaded":
            self.newest[load.entity] = load
        if load.modified_ns is not None:
            key = (load.entity, load.location, load.bytes, load.modified_ns)
            self.by_stat[key] = load

    def returns(self, system: str, file: DeliveredFile, content_hash: str) -> int:
        """How many times this content left its location for another one: each time it comes back is a delivery
        of its own."""
        last = self.at_location.get((file.entity, file.location))
        count = 0
        while self._is_used(load_id_of(system, file.entity, file.location, content_hash, count)):
            count += 1
        return count - 1 if count and last and last.content_hash == content_hash else count

    def _is_used(self, load_id: str) -> bool:
        return load_id in self.by_id and self.by_id[load_id].status != "rejected"

    def is_redelivery(self, original: Load, draft: Load) -> bool:
        """Whether the file can say nothing new: it is the same file under another name, or nothing else was
        loaded since. Otherwise its records may be a state that comes back."""
        is_moved = draft.modified_ns is not None and draft.modified_ns == original.modified_ns
        return is_moved or self.newest.get(draft.entity) in (None, original)


def _draft(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    file: DeliveredFile,
    past: _Past,
    build_id: str,
    loaded_at: datetime,
) -> Load:
    """A load before its file is parsed. `reason` is set when the file cannot be read."""
    reason, content_hash = None, ""
    size, modified_ns = _stat(file.path)
    try:
        with file.path.open("rb") as opened:
            content_hash = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        reason = f"the file cannot be read ({error.strerror}); let the build's user read it"
        size, modified_ns = 0, None
    returns = past.returns(source.system, file, content_hash)
    load_id = load_id_of(source.system, file.entity, file.location, content_hash, returns)
    known = past.by_id.get(load_id)
    return Load(
        load_id=load_id,
        # A delivery keeps its place in the order when it is attempted again.
        load_number=known.load_number if known else next_load_number(connection),
        system=source.system,
        entity=file.entity,
        location=file.location,
        content_hash=content_hash,
        bytes=size,
        status="loaded",
        reason=reason,
        physical_records=0,
        accepted_records=0,
        quarantined_records=0,
        redelivered_records=0,
        newest_record_at=None,
        columns_seen=(),
        loaded_at=loaded_at,
        build_id=build_id,
        last_seen_build_id=build_id,
        modified_ns=_settled(modified_ns),
    )


def _deliver(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    file: DeliveredFile,
    draft: Load,
    past: _Past,
) -> Load:
    known = past.by_id.get(draft.load_id)
    if known is not None and known.status != "rejected":
        same = replace(known, bytes=draft.bytes, modified_ns=draft.modified_ns, is_new=False)
        write_stat(connection, same)
        return same
    if draft.reason is not None:
        return write_rejected(connection, draft, file, RejectionError(draft.reason))
    original = past.by_content.get((file.entity, draft.content_hash))
    # With a key, each record is compared with the newest version. So a file with bad records is read again, and
    # each bad record is quarantined again with its reason.
    is_keyed = bool(source.format.entities[file.entity].key)
    if original is not None and not (
        is_keyed and (original.quarantined_records or not past.is_redelivery(original, draft))
    ):
        return write_redelivered(connection, draft, original)
    try:
        return write_accepted(connection, source, file, draft, original)
    except RejectionError as rejection:
        return write_rejected(connection, draft, file, rejection)


def _stat(path: Path) -> tuple[int, int | None]:
    try:
        found = path.stat()
    except OSError:
        return 0, None
    return found.st_size, found.st_mtime_ns


def _settled(modified_ns: int | None) -> int | None:
    """The modification time, or None when it is so recent that a later change might not alter it. The
    next run then compares contents. File systems keep time to a few milliseconds, or to two seconds."""
    if modified_ns is None:
        return None
    margin = COARSE_NS if modified_ns % 10_000_000 == 0 else FINE_NS
    return modified_ns if time.time_ns() - modified_ns > margin else None
