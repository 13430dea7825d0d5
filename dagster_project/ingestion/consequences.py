"""What an accepted delivery does to earlier records, within its transaction: a full one deletes what it
leaves out, and versions are superseded. Belongs here: those two, as counts of the load. Does not belong
here: the SQL (`versions.py`)."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from dagster_project.ingestion.delivery import Reading, RejectionError
from dagster_project.ingestion.files import CHANGES, SCOPES, Source
from dagster_project.ingestion.formats import Entity
from dagster_project.ingestion.ledger import Load, add_superseded
from dagster_project.ingestion.versions import count_superseded, delete_absent

# So many deletions need no share: a small shop may delete half of its five reviews.
DELETIONS_ALWAYS_ALLOWED = 10


def with_deletions(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    entity: Entity,
    load: Load,
    reading: Reading,
) -> Load:
    """What a full delivery leaves out is deleted. Raises RejectionError when that would be more than the
    source allows: then it is probably only a part."""
    kind = source.deliveries.get(entity.name, CHANGES)
    if kind == CHANGES:
        return load
    if reading.faults:
        return replace(load, reason="nothing was deleted: some of its records could not be read")
    deleted, before = delete_absent(connection, entity, load, SCOPES[kind])
    if deleted > DELETIONS_ALWAYS_ALLOWED and deleted > source.deletions_allowed * before:
        raise RejectionError(
            f"it would delete {deleted} of {before} records, more than"
            f" {source.deletions_allowed:.0%}; deliver the whole state, or raise"
            " `deletions_allowed` of the source",
            physical=load.physical_records,
            columns=load.columns_seen,
        )
    return replace(load, deleted_records=deleted)


def with_superseded(connection: duckdb.DuckDBPyConnection, entity: Entity, load: Load) -> Load:
    """Counts the versions that this load supersedes, its own among them, on the loads that brought them."""
    if not entity.key or not (load.accepted_records or load.deleted_records):
        return load
    superseded, by_order = count_superseded(connection, entity, load)
    own = superseded.pop(load.load_id, 0)
    add_superseded(connection, superseded)
    return replace(load, superseded_records=own, order_decided_records=by_order)
