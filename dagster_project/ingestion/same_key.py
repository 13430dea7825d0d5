"""Rules between the records of one file that have the same key. Belongs here: one key with two owners,
and lines that leave out what an earlier line of the key said. Does not belong here: versions from
several files (dbt)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import duckdb

from dagster_project.ingestion.formats import PERSON, Entity
from dagster_project.ingestion.stage import STAGED, scalar, trimmed
from dagster_project.ingestion.versions import CHANGED_AT
from dagster_project.warehouse.sql import quoted


def same_key_faults(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    columns: Mapping[str, str],
    records: int,
    bad: Collection[int],
) -> list[tuple[int, str]]:
    """0-based staged row and reason of each record that breaks a rule. Records that are `bad` already do not
    count."""
    owner = [name for name in entity.owner if name in columns]
    repeats = [name for name in entity.repeats if _delivered(name, columns)]
    if not entity.key or not (owner or repeats) or not all(name in columns for name in entity.key):
        return []
    keys = ", ".join(map(quoted, entity.key))
    # Compared as numbers, which are narrower; the few that are alike are then compared themselves.
    is_whole = " and ".join(f"{quoted(name)} is not null" for name in entity.key)
    row = f"case when {is_whole} then hash({keys}) end"
    if not scalar(connection, f"select count({row}) - count(distinct {row}) from {STAGED}"):
        return []
    values = {
        name: f"lower({trimmed(name, columns[name], records)}::varchar)"
        for name in dict.fromkeys((*entity.key, *owner, *PERSON, *repeats, CHANGED_AT))
        if name in columns
    }
    # Keys that differ in case are two keys.
    for name in entity.key:
        values[name] = trimmed(name, columns[name], records)
    persons = ", ".join(quoted(name) for name in PERSON if name in columns)
    changed = (
        f"try_cast({quoted(CHANGED_AT)} as timestamptz)"
        if CHANGED_AT in columns
        else "null::timestamptz"
    )
    connection.execute(
        f"""
        create or replace temp table same_key as
        with listed as (
            select rowid as record, {", ".join(f"{sql} as {quoted(n)}" for n, sql in values.items())}
            from {STAGED}
            where rowid not in (select unnest($1::bigint[]))
        )
        select *, {changed} as changed_at, coalesce({persons or "null"}, null) as person
        from listed
        qualify count(*) over (partition by {keys}) > 1""",
        [list(bad)],
    )
    try:
        found = dict(_without_repeats(connection, keys, entity, repeats)) if repeats else {}
        found |= dict(_with_two_owners(connection, keys, entity, owner)) if owner else {}
    finally:
        connection.execute("drop table same_key")
    return sorted(found.items())


def _delivered(name: str, columns: Mapping[str, str]) -> bool:
    return any(each in columns for each in (PERSON if name == "person" else (name,)))


def _with_two_owners(
    connection: duckdb.DuckDBPyConnection, keys: str, entity: Entity, owner: list[str]
) -> list[tuple[int, str]]:
    """All records of the keys whose deciding column differs while no time of change does."""
    deciding = " ".join(
        f"when count({quoted(name)}) = count(*) then case when count(distinct {quoted(name)}) > 1 then {at} end"
        for at, name in enumerate(owner)
    )
    rows = connection.execute(f"""
        with owned as (
            select {keys}, case {deciding} end as code
            from same_key
            group by {keys}
            having count(distinct changed_at) < 2
        )
        select record, code from same_key inner join owned using ({keys}) where code is not null""")
    key = ", ".join(entity.key)
    return [
        (record, f"{key}: the same key with another {owner[code]} in this file")
        for record, code in rows.fetchall()
    ]


def _without_repeats(
    connection: duckdb.DuckDBPyConnection, keys: str, entity: Entity, repeats: list[str]
) -> list[tuple[int, str]]:
    """Later lines of a key that leave out what an earlier line said, and are not changed later."""
    before = f"over (partition by {keys} order by record rows between unbounded preceding and 1 preceding)"
    cases = " ".join(
        f"when {quoted(name)} is null and count({quoted(name)}) {before} > 0 then {at}"
        for at, name in enumerate(repeats)
    )
    rows = connection.execute(f"""
        select record, code
        from (
            select
                record,
                case
                    when changed_at > max(changed_at) {before} then null
                    {cases}
                end as code
            from same_key
        ) as compared
        where code is not null""")
    key = ", ".join(entity.key)
    return [
        (record, f"{repeats[code]}: left out, though an earlier line of the same {key} has it")
        for record, code in rows.fetchall()
    ]
