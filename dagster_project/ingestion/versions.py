"""The versions of a record: which delivered record is one, what a full delivery deletes, and what newer
versions supersede. Belongs here: comparing staged records with those of the same key in raw, in SQL.
Does not belong here: inserting them (`insert.py`), and which version counts (dbt's `newest_versions`)."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from dagster_project.ingestion.formats import Entity
from dagster_project.ingestion.ledger import Load
from dagster_project.ingestion.schema import raw_table
from dagster_project.ingestion.stage import PRESENT, STAGED, UNWANTED, key_text, moment, scalar
from dagster_project.warehouse.sql import quoted

CHANGED_AT = "updated_at"
WANTED = f"{STAGED} where rowid not in (select staged_row from {UNWANTED})"


def mark_redelivered(connection: duckdb.DuckDBPyConnection, entity: Entity, draft: Load) -> int:
    """Adds to the unwanted rows those that say nothing new, and returns how many. A record states nothing new
    when it equals the version of its key that arrived just before it; with a time of change of its own, when
    it equals any version since the key was last deleted. So a state that comes back is a new version."""
    table = raw_table(draft.system, draft.entity)
    is_first = scalar(connection, f"select count(*) from (select 1 from {table} limit 1)") == 0
    within = scalar(
        connection, f"select count(_record_hash) - count(distinct _record_hash) from {WANTED}"
    )
    if is_first and not within:
        return 0
    # Only a record that equals another can say nothing new: the history of these keys alone is compared.
    alike = f"""
        select {_keys(entity)} from {WANTED}
        qualify
            count(*) over (partition by _record_hash) > 1
            or _record_hash in (select _record_hash from {table})"""
    inserted = connection.execute(f"""
        insert into {UNWANTED}
        with alike as (select distinct * from ({alike}) as keys),
        arrived as (
            select
                {_keys(entity)}, null::bigint as staged_row, _record_hash,
                coalesce(_is_deletion, false) as is_deletion,
                {_changed_at(connection, table, entity)} as changed_at,
                _load_number as load_number, _source_row as position
            from {table}
            where {_is_among(entity, "alike")}
            union all
            select
                {_keys(entity)}, rowid as staged_row, _record_hash, false as is_deletion,
                {_changed_at(connection, STAGED, entity)} as changed_at,
                {draft.load_number} as load_number, rowid as position
            from {WANTED} and {_is_among(entity, "alike")}
        ),
        followed as (
            select
                *,
                lag(_record_hash) over arrival as hash_before,
                sum(is_deletion::integer) over arrival as life
            from arrived
            window arrival as (partition by {_names(entity)} order by load_number, position)
        ),
        repeated as (
            select
                *,
                row_number() over (
                    partition by {_names(entity)}, life, _record_hash order by load_number, position
                ) as occurrence
            from followed
        )
        select staged_row
        from repeated
        where
            staged_row is not null
            and (_record_hash = hash_before or (changed_at is not null and occurrence > 1))
        """).fetchone()
    return int(inserted[0]) if inserted else 0


def delete_absent(
    connection: duckdb.DuckDBPyConnection, entity: Entity, draft: Load, scope: Iterable[str]
) -> tuple[int, int]:
    """Inserts a deletion for every record that is there and that the delivery leaves out. Returns how many,
    and how many records were there. `scope`: key columns within which the delivery is complete (order_id: all
    lines of the orders that it names); none means that it holds every record. A deletion repeats the last
    version."""
    table = raw_table(draft.system, draft.entity)
    columns = [name for name, *_ in connection.execute(f"describe {table}").fetchall()]
    own = {
        "_load_id": "$1",
        "_load_number": "$2",
        "_source_file": "$3",
        "_record_hash": "null",
        "_loaded_at": "$4",
        "_is_deletion": "true",
    }
    values = ", ".join(own.get(name, f"newest.{quoted(name)}") for name in columns)
    within = " and ".join(
        f"{key_text(name)} in (select {key_text(name)} from {STAGED})" for name in scope
    )
    connection.execute(
        f"""
        create or replace temp table {PRESENT} as
        select *, ({_names(entity)}) in (select {_keys(entity)} from {STAGED}) as is_delivered
        from (
            select *, {_keys(entity)}
            from {table}
            where _load_number < $1 {"and " + within if within else ""}
        ) as versions
        qualify row_number() over (
            partition by {_names(entity)}
            order by {newest_first(_changed_at(connection, table, entity))}
        ) = 1""",
        [draft.load_number],
    )
    inserted = connection.execute(
        f"""
        insert into {table}
        select {values}
        from {PRESENT} as newest
        where not coalesce(_is_deletion, false) and not is_delivered""",
        [draft.load_id, draft.load_number, draft.location, draft.loaded_at],
    ).fetchone()
    there = f"select count(*) from {PRESENT} where not coalesce(_is_deletion, false)"
    return int(inserted[0]) if inserted else 0, scalar(connection, there)


def count_superseded(
    connection: duckdb.DuckDBPyConnection, entity: Entity, draft: Load
) -> tuple[dict[str, int], int]:
    """What this load, whose rows are in raw already, changes: per load id, how many more of its versions are
    superseded; and of how many records the newest version was chosen among others from other deliveries by
    the order of loads alone, as neither has a later time of change."""
    table = raw_table(draft.system, draft.entity)
    # Most keys occur once. Numbers of keys, which are narrower, find the others; two keys that share a number
    # are still two partitions below.
    number = f"hash({', '.join(map(key_text, entity.key))})"
    others = f"select count(*) from (select 1 from {table} where _load_id <> $1 limit 1)"
    is_first = scalar(connection, others, [draft.load_id]) == 0
    of_mine = f"where {number} in (select {number} from {table} where _load_id = $1)"
    rows = connection.execute(
        f"""
        with repeated as (
            select {number} as key_number
            from {table}
            {"" if is_first else of_mine}
            group by key_number
            having count(*) > 1
        ),
        versions as (
            select
                {_keys(entity)}, _load_id, _load_number, _source_row, _record_hash,
                {_changed_at(connection, table, entity)} as changed_at,
                _load_id = $1 as is_mine
            from {table}
            where {number} in (select key_number from repeated)
        ),
        ranked as (
            select
                *,
                row_number() over newest as place,
                row_number() over (partition by {_names(entity)}, is_mine order by {newest_first("changed_at")})
                    as place_before,
                lead(_load_id) over newest as next_load_id,
                lead(changed_at) over newest as next_changed_at,
                lead(_record_hash) over newest as next_hash
            from versions
            window newest as (partition by {_names(entity)} order by {newest_first("changed_at")})
        )
        select
            _load_id,
            count(*) filter (place > 1)
                - count(*) filter (not is_mine and place_before > 1) as superseded,
            count(*) filter (
                is_mine and place = 1 and next_load_id <> _load_id
                and changed_at is not distinct from next_changed_at
                and _record_hash is distinct from next_hash
            ) as by_order
        from ranked
        group by _load_id
        """,
        [draft.load_id],
    ).fetchall()
    superseded = {load_id: count for load_id, count, _ in rows if count}
    return superseded, sum(by_order for *_, by_order in rows)


def newest_first(changed_at: str) -> str:
    """SQL of the order of a key's versions, as dbt's `newest_versions` has it."""
    return f"{changed_at} desc nulls last, _load_number desc, _source_row desc"


def _keys(entity: Entity) -> str:
    return ", ".join(f"{key_text(name)} as key_{at}" for at, name in enumerate(entity.key))


def _names(entity: Entity) -> str:
    return ", ".join(f"key_{at}" for at, _ in enumerate(entity.key))


def _is_among(entity: Entity, relation: str) -> str:
    keys = ", ".join(map(key_text, entity.key))
    return f"({keys}) in (select {_names(entity)} from {relation})"


def _changed_at(connection: duckdb.DuckDBPyConnection, relation: str, entity: Entity) -> str:
    """SQL of a version's own time of change; null where the entity has none."""
    columns = {name for name, *_ in connection.execute(f"describe {relation}").fetchall()}
    if CHANGED_AT not in entity.column_names or CHANGED_AT not in columns:
        return "null::timestamp"
    return moment(CHANGED_AT)
