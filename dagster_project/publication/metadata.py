"""The served schema `meta`: the build, its loads and its check results. Belongs here: these tables and
their descriptions. Does not belong here: the private tables that they are copied from (the ledger:
`ingestion/`; check results: `quality/`; builds: `warehouse/builds.py`)."""

from __future__ import annotations

import json

import duckdb

from dagster_project.publication.report_types import BuildInfo, Comments
from dagster_project.publication.snapshot import PRIVATE, SERVED
from dagster_project.warehouse.sql import literal

_LOADS = """
create table {served}.meta.loads (
    load_id varchar, system varchar, entity varchar, location varchar,
    physical_records bigint, accepted_records bigint, quarantined_records bigint,
    redelivered_records bigint, superseded_records bigint, order_decided_records bigint,
    deleted_records bigint, status varchar, newest_record_at timestamp,
    loaded_at timestamp, build_id varchar, last_seen_build_id varchar
)
"""
_RESULTS = """
create table {served}.meta.data_quality_results (
    build_id varchar, suite varchar, check_name varchar, relation varchar, passed boolean,
    observed varchar, severity varchar, checked_at timestamp
)
"""
_BUILD_INFO = """
create table {served}.meta.build_info as
select
    {build_id} as build_id,
    date {as_of} as as_of,
    timestamp {started_at} as started_at,
    timestamp {built_at} as built_at,
    {code_version} as code_version,
    true as published,
    {systems} as systems,
    {timezone} as reporting_timezone,
    (select count(*) from {served}.meta.loads) as input_load_count,
    (select count(*) from {served}.meta.data_quality_results where passed) as passed_check_count,
    (
        select count(*) from {served}.meta.data_quality_results
        where not passed and lower(severity) = 'error'
    ) as failed_check_count,
    (
        select count(*) from {served}.meta.data_quality_results
        where not passed and lower(severity) <> 'error'
    ) as warned_check_count,
    date_diff('millisecond', timestamp {started_at}, timestamp {built_at})
    / 1000 as duration_seconds
"""
COMMENTS: Comments = {
    "meta.build_info": (
        "One row per build: the one this file holds. Cross join it to say where a number is from.",
        {
            "build_id": "Dagster run that made the build.",
            "as_of": "Date; everything strictly before its midnight in the reporting time zone counts.",
            "started_at": "UTC time at which the build began.",
            "built_at": "UTC time at which the audit had passed and publication began.",
            "code_version": "Version of the project, with the commit where it is known.",
            "published": "Always true here; failed builds are recorded in the private warehouse only.",
            "systems": "Systems ingested, comma-separated.",
            "reporting_timezone": "Time zone of the marts' days, weeks and months; times are UTC.",
            "input_load_count": "Deliveries behind the build: rows of meta.loads.",
            "passed_check_count": "Quality checks passed in this build.",
            "failed_check_count": "Checks of severity error that failed; 0 in a published build.",
            "warned_check_count": "Checks below severity error that failed.",
            "duration_seconds": "Wall seconds from started_at to built_at.",
        },
    ),
    "meta.loads": (
        "One row per delivery of the systems in this build. "
        "physical = accepted + quarantined + redelivered records.",
        {
            "load_id": "Hash of system, entity, location and content.",
            "location": "File or batch, as delivered.",
            "physical_records": "Records in the delivery, counted independently.",
            "accepted_records": "Records loaded into raw.",
            "quarantined_records": "Records quarantined with a reason.",
            "redelivered_records": "Records that repeated the version of their key before them.",
            "superseded_records": "Accepted records of which a newer version counts now.",
            "order_decided_records": "Records whose version counts only because it came last: neither it nor"
            " the one before states when it was changed.",
            "deleted_records": "Records that were there before and that this full delivery left out.",
            "status": "loaded, redelivered or rejected.",
            "newest_record_at": "UTC time of the delivery's newest record.",
            "loaded_at": "UTC time of the load.",
            "build_id": "Build that first saw the delivery.",
            "last_seen_build_id": "Build that last saw it in the landing folder.",
        },
    ),
    "meta.data_quality_results": (
        "One row per quality check of this build.",
        {
            "suite": "Group of checks.",
            "check_name": "What was checked.",
            "relation": "Table or column it was checked on.",
            "passed": "True when the check passed.",
            "observed": "The measured value; never personal data.",
            "severity": "error blocks publication; anything else is reported.",
            "checked_at": "UTC time of the check.",
        },
    ),
}


def write(connection: duckdb.DuckDBPyConnection, build: BuildInfo) -> None:
    """Creates the `meta` tables of the attached served file and fills them from the private warehouse.
    Where a private table does not exist yet, the served table is empty."""
    connection.execute(_LOADS.format(served=SERVED))
    _fill(connection, "ingest.loads", "loads", "system", build.systems)
    connection.execute(_RESULTS.format(served=SERVED))
    _fill(
        connection,
        "meta.data_quality_results",
        "data_quality_results",
        "build_id",
        (build.build_id,),
    )
    connection.execute(
        _BUILD_INFO.format(
            served=SERVED,
            build_id=literal(build.build_id),
            as_of=literal(build.as_of.isoformat()),
            started_at=literal(build.started_at.isoformat()),
            built_at=literal(build.built_at.isoformat()),
            code_version=literal(build.code_version),
            systems=literal(",".join(build.systems)),
            timezone=literal(build.reporting_timezone),
        )
    )


def as_json(build: BuildInfo, row_counts: dict[str, int]) -> str:
    """The content of `published.json`, so that builds can be listed without opening their files."""
    about = {
        "build_id": build.build_id,
        "as_of": build.as_of.isoformat(),
        "built_at": build.built_at.isoformat(timespec="seconds"),
        "code_version": build.code_version,
        "row_counts": row_counts,
    }
    return json.dumps(about, indent=1)


def _fill(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    target: str,
    filter_column: str,
    wanted: tuple[str, ...],
) -> None:
    """Copies the columns that both tables have, of the rows whose filter column is in `wanted` (all rows
    when that is empty)."""
    schema, table = source.split(".")
    shared = connection.execute(
        f"""
        select served_columns.column_name
        from duckdb_columns() as served_columns
        inner join duckdb_columns() as private_columns
            on served_columns.column_name = private_columns.column_name
        where served_columns.database_name = '{SERVED}' and served_columns.schema_name = 'meta'
            and served_columns.table_name = '{target}'
            and private_columns.database_name = '{PRIVATE}'
            and private_columns.schema_name = '{schema}' and private_columns.table_name = '{table}'
        order by served_columns.column_index
        """
    ).fetchall()
    if not shared:
        return
    names = ", ".join(name for (name,) in shared)
    filtered = f"where {filter_column} in ({', '.join(map(literal, wanted))})" if wanted else ""
    connection.execute(
        f"insert into {SERVED}.meta.{target} ({names}) "
        f"select {names} from {PRIVATE}.{source} {filtered} order by all"
    )
