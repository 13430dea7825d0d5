"""Rules for arrived data, checked before anything downstream runs. Belongs here: suites on the raw
tables of a system, derived from its format, and on the load ledger. Does not belong here: validation of
single records, which ingestion does while loading (a bad record is quarantined)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dagster_project.quality.suites.model import (
    Expectation,
    Suite,
    aggregate_between,
    has_columns,
    no_records,
)
from dagster_project.warehouse.sql import literal, quoted

# A delivery is mostly bad when more than this many of its records AND more than this share of them are
# quarantined: a few bad records in a small file are normal.
QUARANTINED_RECORDS_ALLOWED = 10
QUARANTINED_SHARE_ALLOWED = 0.10
# A system whose newest record is older than this at the build's logical end has probably gone silent.
SILENT_AFTER_DAYS = 30
LOCATIONS_SHOWN = 10


def arrival_suites(
    system: str, delivery_format: Any, *, build_id: str, as_of: date | None = None
) -> list[Suite]:
    """The suites of one system: `arrival_<entity>` for each entity of its format on
    `raw_<system>.<entity>`, and `arrival_deliveries` on the ledger rows of the deliveries that the
    build `build_id` saw. `delivery_format` is a loaded format or the parsed YAML of one: entities
    with columns, each `required` or not. Without `as_of`, freshness is not checked."""
    entities = _member(delivery_format, "entities", delivery_format)
    suites = [
        _entity_suite(system, entity, _member(declared, "columns", declared))
        for entity, declared in entities.items()
    ]
    return [*suites, _deliveries_suite(system, build_id, as_of)]


def _member(source: Any, name: str, default: Any = None) -> Any:
    """A key of a mapping or an attribute of an object."""
    if isinstance(source, Mapping):
        return source.get(name, default)
    return getattr(source, name, default)


def _entity_suite(system: str, entity: str, columns: Any) -> Suite:
    if not isinstance(columns, Mapping):
        columns = {column.name: column for column in columns}
    required = [name for name, spec in columns.items() if _member(spec, "required", False)]
    return Suite(
        name=f"arrival_{entity}",
        relation=f"raw_{system}.{entity}",
        expectations=(
            has_columns(
                list(columns), "staging reads every declared column, whether delivered or not"
            ),
            *(_never_empty(column) for column in required),
        ),
        is_optional=True,
    )


def _never_empty(column: str) -> Expectation:
    # Text formats arrive as varchar, and Parquet keeps its types. Only text can be blank, and casting
    # other types to text would cost ten times the scan.
    name = quoted(column)
    is_blank = f"typeof({name}) = 'VARCHAR' and trim(cast({name} as varchar)) = ''"
    return no_records(
        f"{column}_never_empty",
        f"{name} is null or ({is_blank})",
        "a record without a required value cannot be keyed or placed in time",
        column=column,
    )


def _deliveries_suite(system: str, build_id: str, as_of: date | None) -> Suite:
    seen = f"last_seen_build_id = {literal(build_id)}"
    parts = "accepted_records + quarantined_records + redelivered_records"
    mostly_bad = (
        f"{seen} and status <> 'rejected' and ("
        f"(quarantined_records > {QUARANTINED_RECORDS_ALLOWED}"
        f" and quarantined_records > {QUARANTINED_SHARE_ALLOWED} * physical_records)"
        " or (physical_records > 0 and accepted_records + redelivered_records = 0))"
    )
    unbalanced = (
        f"{seen} and ((status <> 'rejected' and physical_records is distinct from {parts})"
        f" or physical_records <> {parts})"
    )
    return Suite(
        name="arrival_deliveries",
        relation="ingest.loads",
        where=f"system = {literal(system)}",
        expectations=(
            _deliveries(
                "no_delivery_rejected",
                f"{seen} and status = 'rejected'",
                "location || ': ' || coalesce(reason, 'no reason given')",
                "a rejected file holds records that no mart will show",
            ),
            _deliveries(
                "records_are_conserved",
                unbalanced,
                f"location || ': ' || coalesce(physical_records, 0) || ' physical, ' ||"
                f" coalesce({parts}, 0) || ' accounted for'",
                "a record that is neither accepted, quarantined nor redelivered was lost",
            ),
            _deliveries(
                "deliveries_are_mostly_good",
                mostly_bad,
                "location || ': ' || quarantined_records || ' of ' || physical_records ||"
                " ' records quarantined'",
                "a delivery whose records are mostly bad has the wrong shape or mapping",
            ),
            aggregate_between(
                "has_accepted_records",
                "coalesce(sum(accepted_records), 0)",
                "an enabled system that never delivered a usable record points to a wrong setting",
                minimum=1,
            ),
            *_freshness(as_of),
        ),
    )


def _deliveries(name: str, condition: str, described: str, why: str) -> Expectation:
    """A rule on ledger rows that names the deliveries that break it. The ledger's locations, reasons
    and counts hold no personal data."""
    bad = f"list({described} order by location) filter (where {condition})"
    detail = f"array_to_string(({bad})[1:{LOCATIONS_SHOWN}], '; ')"
    return no_records(name, condition, why, detail=detail)


def _freshness(as_of: date | None) -> Sequence[Expectation]:
    if as_of is None:
        return ()
    age = f"date_diff('day', max(newest_record_at), timestamp '{as_of.isoformat()} 00:00:00')"
    return (
        aggregate_between(
            "days_since_newest_record",
            age,
            "a system that went silent makes its customers look lost",
            maximum=SILENT_AFTER_DAYS,
            severity="warning",
            column="newest_record_at",
        ),
    )
