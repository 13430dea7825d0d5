"""Checks the staged records against the rules of their format. Belongs here: one pass of SQL over all
records, the reason for each record that breaks a rule, and stopping a delivery that is not understood.
Does not belong here: the rules themselves (`rules.py`, `same_key.py`), rules between entities (dbt,
GX)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from dagster_project.ingestion.delivery import Reading, RejectionError
from dagster_project.ingestion.files import Source
from dagster_project.ingestion.formats import Entity
from dagster_project.ingestion.rules import Clock, Rule, rules_of
from dagster_project.ingestion.same_key import same_key_faults
from dagster_project.ingestion.stage import STAGED, moment, trimmed
from dagster_project.ingestion.unknown_columns import check_unknown_columns
from dagster_project.ingestion.unknown_words import check_words
from dagster_project.warehouse.sql import quoted

# A column is misunderstood when more than half of at least this many values break its rules.
VALUES_JUDGED = 3


@dataclass(frozen=True)
class Validation:
    """`violations`: 0-based staged row and reason, in order. `newest`: the greatest event time of the
    valid records, in UTC without an offset; None when there is none."""

    violations: list[tuple[int, str]]
    newest: datetime | None


def validate(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    entity: Entity,
    reading: Reading,
    loaded_at: datetime,
) -> Validation:
    """Checks every staged record. The reason for a record is the first rule it breaks, in the format's
    order. Raises RejectionError when the delivery is not understood: a column, a word, or most of a
    column's values."""
    columns, records = reading.columns, reading.physical
    check_unknown_columns(source, entity, reading)
    check_words(connection, entity, columns, records)
    rules = rules_of(entity, columns, Clock(source.first_day, loaded_at, source.days_ahead))
    values = _values(entity, columns, records)
    happened_at = _event_time(entity, columns)
    violations: list[tuple[int, str]] = []
    if _has_broken(connection, source, reading, rules, values):
        cases = " ".join(f"when {rule.broken} then {at}" for at, rule in enumerate(rules))
        found = connection.execute(
            f"select record, case {cases} end as code from {values} where code is not null"
        ).fetchall()
        violations = [(record, rules[code].reason) for record, code in found]
    bad = [record for record, _ in violations]
    violations = sorted([*violations, *same_key_faults(connection, entity, columns, records, bad)])
    newest = connection.execute(
        f"select max({happened_at}) from {values}"
        + (" where record not in (select unnest($1::bigint[]))" if violations else ""),
        [[record for record, _ in violations]] if violations else [],
    ).fetchone()
    return Validation(violations, newest[0] if newest else None)


def _values(entity: Entity, columns: Mapping[str, str], records: int) -> str:
    """SQL of the staged records with their values as the rules check them."""
    names = [column.name for column in entity.columns if column.name in columns]
    values = "".join(f", {trimmed(n, columns[n], records)} as {quoted(n)}" for n in names)
    return f"(select rowid as record{values} from {STAGED}) as trimmed"


def _has_broken(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    reading: Reading,
    rules: Sequence[Rule],
    values: str,
) -> bool:
    """Whether any rule is broken. Counting each rule's violations costs half of finding every record's first
    broken rule, which only a delivery with bad records needs. Raises RejectionError when most values of a
    column are bad."""
    if not rules:
        return False
    classes = _classes(rules)
    flags = {rule: f"broken_{at}" for at, rule in enumerate(rules)}
    counts = [
        *(f"count(*) filter (where {flag})" for flag in flags.values()),
        *(
            f"count(*) filter (where {' or '.join(flags[rule] for rule in each.rules)}), {each.judged}"
            for each in classes
        ),
    ]
    # A rule is often a pattern, the dearest part of a load: each is compared once a record.
    judged = ", ".join(f"{rule.broken} as {flag}" for rule, flag in flags.items())
    row = connection.execute(
        f"select {', '.join(counts)} from (select *, {judged} from {values}) as judged"
    ).fetchone()
    if row is None:
        return False
    by_rule = dict(zip(rules, row[: len(rules)], strict=True))
    judgements = zip(classes, row[len(rules) :: 2], row[len(rules) + 1 :: 2], strict=True)
    for each, count, judged in judgements:
        if judged >= VALUES_JUDGED and 2 * count > judged:
            worst = max(each.rules, key=lambda rule: by_rule[rule])
            raise RejectionError(
                f"{worst.reason} in {count} of {judged} records that {each.which}; correct the"
                f" export, or say in {source.where} what it means (`renames`, `defaults`, `scales`)",
                physical=reading.physical,
                columns=list(reading.columns),
            )
    return any(by_rule.values())


@dataclass(frozen=True)
class _Class:
    """The rules of one column that are judged together, and SQL of how many records they apply to."""

    rules: tuple[Rule, ...]
    judged: str
    which: str


def _classes(rules: Sequence[Rule]) -> list[_Class]:
    """A column's empty records are judged among all, its other bad values among those given."""
    found = []
    for column in dict.fromkeys(rule.column for rule in rules if rule.column is not None):
        of_column = [rule for rule in rules if rule.column == column]
        empty = tuple(rule for rule in of_column if rule.is_about_emptiness)
        other = tuple(rule for rule in of_column if not rule.is_about_emptiness)
        if empty:
            found.append(_Class(empty, "count(*)", "should have it"))
        if other:
            found.append(_Class(other, f"count({quoted(column)})", "have it"))
    return found


def _event_time(entity: Entity, columns: Mapping[str, str]) -> str:
    if entity.event_time is None or entity.event_time not in columns:
        return "null::timestamp"
    return moment(entity.event_time)
