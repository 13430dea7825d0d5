"""Rules for arrived data, checked before anything downstream runs. Belongs here: suites on the raw
tables of a system, derived from its format, and on the load ledger. Does not belong here: validation of
single records, which ingestion does while loading (a bad record is quarantined)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster_project.quality.suites.model import (
    Expectation,
    Severity,
    Suite,
    aggregate_between,
    has_columns,
    no_records,
)
from dagster_project.warehouse.sql import literal, quoted

# A delivery is mostly bad when it has many bad records, more than ten and more than a tenth; or when it is
# small and has more bad records than good ones. One bad record, or two with the same key, are no rule.
MANY_RECORDS, MANY_SHARE = 10, 0.10
FEW_RECORDS, FEW_SHARE = 2, 0.50
LOCATIONS_SHOWN = 10


def arrival_suites(system: str, delivery_format: Any, *, build_id: str) -> list[Suite]:
    """The suites of one system: `arrival_<entity>` for each entity of its format on
    `raw_<system>.<entity>`, and `arrival_deliveries` on the ledger rows of the deliveries that the
    build `build_id` saw. `delivery_format` is a loaded format or the parsed YAML of one: entities
    with columns, each `required` or not. Freshness is checked once the date is known (`freshness.py`)."""
    entities = _member(delivery_format, "entities", delivery_format)
    suites = [
        _entity_suite(system, entity, _member(declared, "columns", declared))
        for entity, declared in entities.items()
    ]
    return [*suites, _deliveries_suite(system, build_id)]


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


def _deliveries_suite(system: str, build_id: str) -> Suite:
    seen = f"last_seen_build_id = {literal(build_id)}"
    parts = "accepted_records + quarantined_records + redelivered_records"
    mostly_bad = (
        f"{seen} and status <> 'rejected' and ("
        f"(quarantined_records > {MANY_RECORDS}"
        f" and quarantined_records > {MANY_SHARE} * physical_records)"
        f" or (quarantined_records > {FEW_RECORDS}"
        f" and quarantined_records > {FEW_SHARE} * physical_records))"
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
            _deliveries(
                "no_record_quarantined",
                f"build_id = {literal(build_id)} and status <> 'rejected' and quarantined_records > 0",
                "location || ': ' || quarantined_records || ' of ' || physical_records ||"
                " ' records quarantined'",
                "a quarantined record is in no mart until it is delivered again, corrected",
                severity="warning",
            ),
            aggregate_between(
                "has_accepted_records",
                "coalesce(sum(accepted_records), 0)",
                "an enabled system that never delivered a usable record points to a wrong setting",
                minimum=1,
            ),
        ),
    )


def _deliveries(
    name: str, condition: str, described: str, why: str, severity: Severity = "error"
) -> Expectation:
    """A rule on ledger rows that names the deliveries that break it. The ledger's locations, reasons
    and counts hold no personal data."""
    bad = f"list({described} order by location) filter (where {condition})"
    detail = f"array_to_string(({bad})[1:{LOCATIONS_SHOWN}], '; ')"
    return no_records(name, condition, why, severity=severity, detail=detail)
