"""The newest record that counts. Belongs here: finding it in the raw tables, before any model runs. Does not
belong here: what date it gives a build (`transformation/as_of.py`).

A record counts by its newest version, as staging selects it: not when it is deleted, and not when its time is
later than its loading, which no record can be. The ledger's maximum alone would keep a wrong time for ever."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import duckdb

from dagster_project.ingestion.formats import Entity, Format
from dagster_project.ingestion.schema import raw_table
from dagster_project.ingestion.stage import key_text, moment
from dagster_project.ingestion.versions import CHANGED_AT, newest_first

# Spans before the newest delivered time that are searched one after another: mostly the first one holds the
# answer, and it needs only the last deliveries. None: everything.
SPANS = (timedelta(days=1), timedelta(days=31), None)


def newest_record_at(
    connection: duckdb.DuckDBPyConnection, formats: Mapping[str, Format]
) -> datetime | None:
    """The UTC time of the newest record that counts, of the systems in `formats`; None without one."""
    newest: datetime | None = None
    for system, name, latest in _delivered(connection, formats):
        if newest is not None and latest <= newest:
            break
        entity = formats[system].entities.get(name)
        if entity is None or entity.event_time is None:
            continue
        found = _newest_of(connection, system, entity, latest, newest)
        newest = max(filter(None, (newest, found)), default=None)
    return newest


def _delivered(
    connection: duckdb.DuckDBPyConnection, formats: Mapping[str, Format]
) -> list[tuple[str, str, datetime]]:
    """System, entity and a bound of its newest record's time, the latest first."""
    found: list[tuple[str, str, datetime]] = connection.execute(
        """
        select system, entity, max(least(newest_record_at, loaded_at)) as latest
        from ingest.loads
        where status = 'loaded' and newest_record_at is not null
            and system in (select unnest($1::varchar[]))
        group by system, entity
        order by latest desc, system, entity""",
        [list(formats)],
    ).fetchall()
    return found


def _newest_of(
    connection: duckdb.DuckDBPyConnection,
    system: str,
    entity: Entity,
    latest: datetime,
    known: datetime | None,
) -> datetime | None:
    """The time of an entity's newest record that counts, if it is later than the one `known` already."""
    for span in SPANS:
        since = latest - span if span is not None else known
        if known is not None and (since is None or since <= known):
            since = known
        row = connection.execute(_query(system, entity), [since, system, entity.name]).fetchone()
        if row is not None and row[0] is not None:
            found: datetime = row[0]
            return found
        if since == known:
            break
    return None


def _query(system: str, entity: Entity) -> str:
    """SQL of the newest time after $1 (null: ever) among the newest versions of an entity's records."""
    table = raw_table(system, entity.name)
    happened = moment(str(entity.event_time))
    is_recent = f"($1::timestamp is null or {happened} > $1::timestamp)"
    is_candidate = f"""
        _load_number in (
            select load_number from ingest.loads
            where system = $2 and entity = $3
                and ($1::timestamp is null or least(newest_record_at, loaded_at) > $1::timestamp)
        )
        and {is_recent} and {happened} <= _loaded_at"""
    if not entity.key:
        return f"select max({happened}) from {table} where {is_candidate}"
    key = ", ".join(map(key_text, entity.key))
    names = entity.column_names
    changed = moment(CHANGED_AT) if CHANGED_AT in names else "null::timestamp"
    deleted = moment("deleted_at") if "deleted_at" in names else "null::timestamp"
    return f"""
        select max(happened_at)
        from (
            select
                {happened} as happened_at, _loaded_at,
                {deleted} is not null or coalesce(_is_deletion, false) as is_deleted,
                row_number() over (
                    partition by {key}
                    order by {newest_first(changed)}
                ) as version_number
            from {table}
            where ({key}) in (select ({key}) from {table} where {is_candidate})
        ) as versions
        where version_number = 1 and not is_deleted and happened_at <= _loaded_at
            and ($1::timestamp is null or happened_at > $1::timestamp)"""
