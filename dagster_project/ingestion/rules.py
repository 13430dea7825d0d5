"""The rules of a record's values. Belongs here: SQL that is true when a rule is broken, and its reason:
the column and the rule, never the value (it may be personal data). Does not belong here: rules between
records (`same_key.py`) and closed lists (`unknown_words.py`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dagster_project.ingestion.currencies import CURRENCIES
from dagster_project.ingestion.formats import Column, Condition, Entity
from dagster_project.ingestion.stars import is_rating
from dagster_project.warehouse.sql import literal, quoted

LATEST = date(2200, 1, 1)
TYPE_RULES = {
    "time": "not a time (ISO 8601)",
    "date": "not a date (ISO 8601)",
    "decimal": "not a number of at most 12 digits before the point",
    "integer": "not a whole number",
    "boolean": "not a boolean (true or false)",
    "currency": "not a currency (ISO 4217)",
    "stars": "not a rating of 1 to 5 stars, nor on a scale that it names or its source declares",
}
# Those that dbt/macros/columns.sql reads; a column of numbers with gaps comes as 1.0 and 0.0.
BOOLEANS = ("true", "t", "yes", "y", "1", "1.0", "false", "f", "no", "n", "0", "0.0")
WHOLE_TYPES = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
# DuckDB also casts `epoch`, `infinity`, 2024/1/5, names of time zones, and offsets of 25 hours.
ISO_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
ISO_TIME = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?"
ISO_OFFSET = "(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?"
ISO = f"{ISO_DATE}([T ] *{ISO_TIME}{ISO_OFFSET})?"
NUMBER = r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?"
# Blanks of every kind, and characters without a width, which no one sees in a key.
UNSEEN = (
    r"[\s\x{00A0}\x{00AD}\x{034F}\x{061C}\x{115F}\x{1160}\x{1680}\x{17B4}\x{17B5}\x{180B}-\x{180E}"
    + (
        r"\x{2000}-\x{200F}\x{2028}-\x{202F}\x{205F}-\x{206F}\x{2800}\x{3000}\x{3164}\x{FE00}-\x{FE0F}"
        r"\x{FEFF}\x{FFA0}]*"
    )
)


@dataclass(frozen=True)
class Rule:
    """SQL that is true when the rule is broken, and the reason. `column` is None for a rule between columns."""

    broken: str
    reason: str
    column: str | None = None
    is_about_emptiness: bool = False


@dataclass(frozen=True)
class Clock:
    """From when to when a record may say that something happened. `latest` is in UTC, without an offset."""

    first_day: date
    loaded_at: datetime
    days_ahead: int

    @property
    def latest(self) -> datetime:
        """The last moment that is taken."""
        return self.loaded_at + timedelta(days=self.days_ahead)


def rules_of(entity: Entity, columns: Mapping[str, str], clock: Clock) -> list[Rule]:
    """The rules of an entity for the delivered columns, by name and type, in the format's order."""
    delivered = [column for column in entity.columns if column.name in columns]
    return [
        *(rule for column in delivered for rule in _of_column(column, columns, clock)),
        *(
            Rule(_as_numbers(condition, entity), condition.reason)
            for condition in entity.refused
            if all(name in columns for name in condition.columns)
        ),
    ]


def _exact_number(value: str) -> str:
    """SQL of a value to ten decimals. DuckDB reads a wide decimal from text a hundred times as slowly as a
    narrow one, and one that does not fit more slowly still."""
    narrow, wide = (f"try_cast({value} as decimal({digits}, 10))" for digits in (18, 28))
    return f"(case when abs(try_cast({value} as double)) < 10000000 then {narrow} else {wide} end)"


def is_unseen(value: str) -> str:
    """SQL that is true when a text has no visible character. Mostly its first one shows that it has."""
    pattern = f"regexp_full_match({value}, '{UNSEEN}')"
    return f"case when ascii({value}) between 33 and 126 then false else {pattern} end"


def _of_column(column: Column, columns: Mapping[str, str], clock: Clock) -> list[Rule]:
    name, delivered_type = column.name, columns[column.name]
    value = quoted(name)
    is_text = delivered_type == "VARCHAR"
    rules: list[Rule] = []
    if column.required or column.never_empty:
        empty = f"{value} is null"
        if is_text:
            empty = f"({value} is null or {is_unseen(value)})"
        why = "required, but empty" if column.required else "empty, though the column is delivered"
        rules.append(Rule(empty, f"{name}: {why}", name, is_about_emptiness=True))
    scale = quoted(f"{name}_scale") if f"{name}_scale" in columns else "null"
    if is_typed := _is_typed(column.type, value, delivered_type, scale):
        broken = f"({value} is not null and not coalesce({is_typed}, false))"
        rules.append(Rule(broken, f"{name}: {TYPE_RULES[column.type]}", name))
    if column.type in ("time", "date"):
        rules += _times(column, value, clock)
    number = _exact_number(value)
    if column.minimum is not None:
        least = f"{column.minimum:f}"
        rules.append(Rule(f"{number} < {least}", f"{name}: below {least}", name))
    if column.maximum is not None:
        most = f"{column.maximum:f}"
        rules.append(Rule(f"{number} > {most}", f"{name}: above {most}", name))
    return rules


def _times(column: Column, value: str, clock: Clock) -> list[Rule]:
    first = column.earliest or clock.first_day
    latest, late = clock.latest, f"later than its loading by more than {clock.days_ahead} days"
    if column.may_be_ahead:
        latest, late = datetime.combine(LATEST, datetime.min.time()), f"after {LATEST}"
    if column.type == "date":
        moment, low, high = f"try_cast({value} as date)", f"date '{first}'", f"date '{latest:%F}'"
    else:
        moment = f"try_cast({value} as timestamptz)"
        low, high = f"timestamptz '{first} 00:00:00+00'", f"timestamptz '{latest:%F %T}+00'"
    early = f"before {first}, the first day that is taken"
    return [
        Rule(f"{moment} < {low}", f"{column.name}: {early}", column.name),
        Rule(f"{moment} > {high}", f"{column.name}: {late}", column.name),
    ]


def _as_numbers(condition: Condition, entity: Entity) -> str:
    """The condition's SQL with its decimal columns as numbers; an unreadable one breaks its own rule."""
    decimals = [
        c.name for c in entity.columns if c.type == "decimal" and c.name in condition.columns
    ]
    sql = condition.broken
    for name in decimals:
        sql = re.sub(rf"\b{name}\b", f"try_cast({quoted(name)} as double)", sql)
    return f"({sql})"


def _is_typed(wanted: str, value: str, delivered_type: str, scale: str) -> str:
    """SQL that is true when the value has the wanted type; empty when its delivered type guarantees
    it."""
    is_text = delivered_type == "VARCHAR"
    if wanted in ("time", "date"):
        cast = f"try_cast({value} as {'timestamptz' if wanted == 'time' else 'date'}) is not null"
        return f"regexp_full_match({value}, '{ISO}') and {cast}" if is_text else cast
    if wanted == "decimal":
        cast = f"try_cast({value} as decimal(18, 6)) is not null"
        return f"regexp_full_match({value}, '{NUMBER}') and {cast}" if is_text else cast
    if wanted == "boolean":
        words = ", ".join(map(literal, BOOLEANS))
        return "" if delivered_type == "BOOLEAN" else f"lower({value}::varchar) in ({words})"
    if wanted == "currency":
        return f"upper({value}::varchar) in ({', '.join(map(literal, sorted(CURRENCIES)))})"
    if wanted == "stars":
        return is_rating(value, f"try_cast({scale} as integer)")
    if wanted == "text" or delivered_type in WHOLE_TYPES:
        return ""
    # A cast to bigint alone would round 1.5.
    cast = (
        f"try_cast({value} as bigint) is not null and try_cast({value} as decimal(38, 9)) % 1 = 0"
    )
    return f"regexp_full_match({value}, '{NUMBER}') and {cast}" if is_text else cast
