"""The types of a suite, and short constructors for the kinds of rule in use. Belongs here: frozen data
classes and the SQL snippets that every layer shares. Does not belong here: rules about a particular
table, and anything that runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from dagster_project.warehouse.sql import literal

Severity = Literal["error", "warning"]

EARLIEST_TIME = "1900-01-01"
LATEST_AFTER_AS_OF = timedelta(days=366)

COUNT_WHY = "a count cannot be negative"
RATE_WHY = "a rate outside 0..1 has the wrong denominator"
SCALE_WHY = "a score off its scale cannot be compared or plotted"


@dataclass(frozen=True)
class Expectation:
    """One rule.

    Attributes:
        type: class name of a Great Expectations expectation, built in or from
            `quality/gx/expectations.py`.
        kwargs: its arguments, JSON values only.
        name: unique within the suite; shown to people.
        why: the consequence downstream when the rule is broken.
        severity: `error` blocks what follows; `warning` is reported.
        column: the column concerned, if it is a single one.
    """

    type: str
    kwargs: Mapping[str, Any]
    name: str
    why: str
    severity: Severity = "error"
    column: str | None = None


@dataclass(frozen=True)
class Suite:
    """The rules of one relation, checked together.

    Attributes:
        name: `<layer>_<entity>`.
        relation: `<schema>.<table>`.
        expectations: the rules; their names are unique.
        where: SQL that selects the rows concerned; None for all.
        is_optional: whether the relation may be missing (an entity that never arrived). Then nothing
            is checked and nothing is reported. Otherwise a missing relation fails every rule.
    """

    name: str
    relation: str
    expectations: tuple[Expectation, ...] = field(default=())
    where: str | None = None
    is_optional: bool = False


def no_records(
    name: str,
    condition: str,
    why: str,
    *,
    severity: Severity = "error",
    column: str | None = None,
    detail: str | None = None,
) -> Expectation:
    """No record meets `condition` (SQL; null counts as not met). `detail` is SQL of an aggregate text
    that is shown when the rule is broken; it must hold no values of a person's record."""
    kwargs: dict[str, Any] = {"condition": condition}
    if detail is not None:
        kwargs["detail"] = detail
    return Expectation("ExpectNoRecordsWhere", kwargs, name, why, severity, column)


def aggregate_between(
    name: str,
    expression: str,
    why: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    severity: Severity = "error",
    column: str | None = None,
) -> Expectation:
    """An aggregate over all records lies within the bounds, both inclusive. A null aggregate
    (too few records to judge) passes."""
    kwargs = {"expression": expression, "min_value": minimum, "max_value": maximum}
    return Expectation("ExpectAggregateToBeBetween", kwargs, name, why, severity, column)


def has_columns(columns: Sequence[str], why: str) -> Expectation:
    """All these columns exist; there may be others."""
    kwargs = {"column_set": list(columns), "exact_match": False}
    return Expectation("ExpectTableColumnsToMatchSet", kwargs, "has_declared_columns", why)


def has_rows(why: str, *, severity: Severity = "error") -> Expectation:
    """There is at least one record."""
    kwargs = {"min_value": 1}
    return Expectation("ExpectTableRowCountToBeBetween", kwargs, "has_rows", why, severity)


def not_negative(
    columns: Sequence[str], why: str, *, severity: Severity = "error"
) -> list[Expectation]:
    """Amounts, counts and durations are 0 or more; nulls pass."""
    return [
        no_records(f"{column}_not_negative", f"{column} < 0", why, severity=severity, column=column)
        for column in columns
    ]


def in_range(
    column: str, low: float, high: float, why: str, *, severity: Severity = "error"
) -> Expectation:
    """Values lie between the bounds, both inclusive; nulls pass."""
    condition = f"not ({column} between {low} and {high})"
    return no_records(f"{column}_in_range", condition, why, severity=severity, column=column)


def plausible_times(columns: Sequence[str], as_of: date) -> list[Expectation]:
    """Times lie between 1900 and a year after `as_of`; others are typing errors or placeholders. A
    warning: one such record must not stop the build, and later times do not count anyway."""
    latest = (as_of + LATEST_AFTER_AS_OF).isoformat()
    why = "a placeholder or a typing error in a time makes stages begin or end decades off"
    return [
        no_records(
            f"{column}_is_plausible",
            f"{column} < date '{EARLIEST_TIME}' or {column} >= date '{latest}'",
            why,
            severity="warning",
            column=column,
        )
        for column in columns
    ]


def in_order(earlier: str, later: str, why: str) -> Expectation:
    """`later` is not before `earlier`; a warning, because sources' clocks differ."""
    condition = f"{later} < {earlier}"
    name = f"{later}_not_before_{earlier}"
    return no_records(name, condition, why, severity="warning", column=later)


def matches(column: str, pattern: str, why: str, *, severity: Severity = "error") -> Expectation:
    """Values match a regular expression; nulls pass."""
    condition = f"not regexp_matches({column}, {literal(pattern)})"
    return no_records(f"{column}_has_shape", condition, why, severity=severity, column=column)


def rates(columns: Sequence[str]) -> list[Expectation]:
    """Shares and rates lie between 0 and 1."""
    return [in_range(column, 0, 1, RATE_WHY) for column in columns]
