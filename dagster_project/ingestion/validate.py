"""Checks the staged records against the rules of their format. Belongs here: one pass of SQL over all
records, and the reason for each record that breaks a rule: the column and the rule, never the value
(it may be personal data). Does not belong here: rules between records or entities (dbt, GX)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb

from dagster_project.ingestion.formats import Column, Entity
from dagster_project.ingestion.stage import STAGED, trimmed
from dagster_project.warehouse.sql import literal, quoted

EARLIEST, LATEST = "1900-01-01", "2200-01-01"
TYPE_RULES = {
    "time": f"not a time (ISO 8601, {EARLIEST} to {LATEST})",
    "date": f"not a date (ISO 8601, {EARLIEST} to {LATEST})",
    "decimal": "not a number of at most 12 digits before the point",
    "integer": "not a whole number",
    "boolean": "not a boolean (true or false)",
}
# Those that dbt/macros/columns.sql reads; a column of numbers with gaps comes as 1.0 and 0.0.
BOOLEANS = ("true", "t", "yes", "y", "1", "1.0", "false", "f", "no", "n", "0", "0.0")
WHOLE_TYPES = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}


@dataclass(frozen=True)
class Validation:
    """`violations`: 0-based staged row and reason, in order. `newest`: the greatest event time of the
    valid records, in UTC without an offset; None when there is none."""

    violations: list[tuple[int, str]]
    newest: datetime | None


def validate(
    connection: duckdb.DuckDBPyConnection, entity: Entity, columns: Mapping[str, str], records: int
) -> Validation:
    """Checks every staged record. The reason for a record is the first rule it breaks, in the format's
    order. `records` is about how many there are, to choose the faster SQL."""
    rules = [
        rule
        for column in entity.columns
        if column.name in columns
        for rule in _rules(column, columns[column.name])
    ]
    # Counting each rule's violations costs half of finding every record's first broken rule, which
    # only a delivery with bad records needs.
    happened_at = _event_time(entity, columns)
    checked_columns = [column.name for column in entity.columns if column.name in columns]
    values = "".join(f", {trimmed(n, columns[n], records)} as {quoted(n)}" for n in checked_columns)
    values = f"(select rowid as record{values} from {STAGED}) as trimmed"
    counts = "".join(f", count(*) filter (where {broken})" for broken, _ in rules)
    row = connection.execute(f"select max({happened_at}){counts} from {values}").fetchone()
    if row is None or not any(row[1:]):
        return Validation([], row[0] if row else None)
    cases = " ".join(f"when {broken} then {at}" for at, (broken, _) in enumerate(rules))
    checked = (
        f"(select record, {happened_at} as happened_at, case {cases} end as code "
        f"from {values}) as checked"
    )
    found = connection.execute(
        f"select record, code from {checked} where code is not null order by record"
    ).fetchall()
    newest = connection.execute(f"select max(happened_at) from {checked} where code is null")
    return Validation(
        [(record, rules[code][1]) for record, code in found], (newest.fetchone() or (None,))[0]
    )


def _event_time(entity: Entity, columns: Mapping[str, str]) -> str:
    if entity.event_time is None or entity.event_time not in columns:
        return "null::timestamp"
    # Through microseconds since 1970, so that no time zone has an effect.
    return f"make_timestamp(epoch_us(try_cast({quoted(entity.event_time)} as timestamptz)))"


def _rules(column: Column, delivered_type: str) -> list[tuple[str, str]]:
    """For each rule, SQL that is true when the rule is broken, and the reason."""
    value = quoted(column.name)
    given = f"{value} is not null"
    rules: list[tuple[str, str]] = []
    if column.required:
        rules.append((f"{value} is null", f"{column.name}: required, but empty"))
    if column.type != "text" and (is_typed := _is_typed(column.type, value, delivered_type)):
        reason = f"{column.name}: {TYPE_RULES[column.type]}"
        rules.append((f"({given} and not coalesce({is_typed}, false))", reason))
    if column.one_of:
        allowed = ", ".join(literal(option) for option in column.one_of)
        reason = f"{column.name}: none of {', '.join(column.one_of)}"
        rules.append((f"lower({value}::varchar) not in ({allowed})", reason))
    number = f"try_cast({value} as decimal(28, 10))"
    if column.minimum is not None:
        least = f"{column.minimum:f}"
        rules.append((f"{number} < {least}", f"{column.name}: below {least}"))
    if column.maximum is not None:
        most = f"{column.maximum:f}"
        rules.append((f"{number} > {most}", f"{column.name}: above {most}"))
    return rules


def _is_typed(wanted: str, value: str, delivered_type: str) -> str:
    """SQL that is true when the value has the wanted type; empty when its delivered type guarantees
    it."""
    if wanted == "time":
        cast = f"try_cast({value} as timestamptz)"
        return (
            f"{cast} between timestamptz '{EARLIEST} 00:00:00+00' "
            f"and timestamptz '{LATEST} 00:00:00+00'"
        )
    if wanted == "date":
        cast = f"try_cast({value} as date)"
        return f"{cast} between date '{EARLIEST}' and date '{LATEST}'"
    if wanted == "decimal":
        return f"try_cast({value} as decimal(18, 6)) is not null"
    if wanted == "boolean":
        words = ", ".join(map(literal, BOOLEANS))
        return "" if delivered_type == "BOOLEAN" else f"lower({value}::varchar) in ({words})"
    if delivered_type in WHOLE_TYPES:
        return ""
    # A cast to bigint alone would round 1.5.
    return (
        f"try_cast({value} as bigint) is not null and try_cast({value} as decimal(38, 9)) % 1 = 0"
    )
