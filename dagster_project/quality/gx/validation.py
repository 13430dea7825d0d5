"""Running suites through Great Expectations, pushed down into DuckDB. Belongs here: the GX
context, the read-only connection and its closing, and the wording of what was observed. Importing
GX takes seconds: import this module where checks are run. Does not belong here: the rules
(`quality/suites/`)."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import great_expectations as gx
import great_expectations.expectations as gxe
import sqlalchemy as sa
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent.interfaces import TestConnectionError
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.exc import DBAPIError

from dagster_project.quality.checks import CheckResult
from dagster_project.quality.gx import expectations as gx_expectations
from dagster_project.quality.suites.model import Expectation, Suite
from dagster_project.warehouse.connection import only_for_the_owner

# Its log holds SQL, and errors that quote values.
logging.getLogger("great_expectations").propagate = False
logging.getLogger("great_expectations").addHandler(logging.NullHandler())
SOURCE = "warehouse"
# SUMMARY with no partial lists: counts only, no failing value leaves the database.
RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
CHECK_KEY = "check"
RELATIONS = "select lower(table_schema || '.' || table_name) from information_schema.tables"


def _buffer_results(
    _connection: Any, cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool
) -> None:
    """GX reads results after closing their connection, when DuckDB has nothing left to give:
    fetch them while they are there. Every query of a suite returns at most a few rows."""
    if cursor.description is not None and context is not None:
        context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
            cursor, initial_buffer=cursor.fetchall()
        )


def gx_expectation(expectation: Expectation) -> Any:
    """The GX object of an expectation. Raises ValueError for an unknown type or arguments."""
    kind = getattr(gx_expectations, expectation.type, None) or getattr(gxe, expectation.type, None)
    if kind is None:
        raise ValueError(f"unknown expectation type {expectation.type}")
    return kind(**expectation.kwargs, meta={CHECK_KEY: expectation.name})


def run_suites(database: Path, suites: Iterable[Suite]) -> list[CheckResult]:
    """Checks every suite against a DuckDB file, opened read-only and closed again, and returns one
    result per expectation, in the order of the suites. Raises duckdb.Error when the file cannot be opened."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    with only_for_the_owner(), _read_only(context, database) as source:
        existing = _relations(source)
        results: list[CheckResult] = []
        for number, suite in enumerate(suites):
            if suite.relation.lower() in existing:
                try:
                    results += _run_suite(source, number, suite)
                except Exception as error:  # noqa: BLE001 - its message may quote values of records
                    results += _could_not_run(suite, _reason(error))
            elif not suite.is_optional:
                results += _could_not_run(suite, "the relation does not exist")
        return results


def _relations(source: Any) -> set[str]:
    with source.get_engine().connect() as connection:
        return set(connection.execute(sa.text(RELATIONS)).scalars())


@contextmanager
def _read_only(context: Any, database: Path) -> Iterator[Any]:
    """A data source on the file; every connection to it is closed on leaving, so that dbt can
    open it for writing at once."""
    url = sa.URL.create("duckdb", database=str(database)).render_as_string(hide_password=False)
    connect_args = {"read_only": True, "config": {"enable_external_access": False}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            source = context.data_sources.add_sql(
                SOURCE, connection_string=url, kwargs={"connect_args": connect_args}
            )
        except TestConnectionError as error:
            raise _of_duckdb(error) from None
    sa.event.listen(source.get_execution_engine().engine, "after_cursor_execute", _buffer_results)
    try:
        yield source
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()


def _of_duckdb(error: BaseException) -> BaseException:
    """DuckDB's own error inside one of Great Expectations, which has words for people: there is no such
    file, or another process has it open."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, DBAPIError) and isinstance(cause.orig, duckdb.Error):
            found: BaseException = cause.orig
            return found
        cause = cause.__cause__
    return error


def _run_suite(source: Any, number: int, suite: Suite) -> list[CheckResult]:
    started = time.perf_counter()
    schema, _, table = suite.relation.partition(".")
    name = f"{number}_{suite.name}"
    if suite.where is None:
        asset = source.add_table_asset(name, table_name=table, schema_name=schema)
    else:
        query = f"select * from {suite.relation} where {suite.where}"
        asset = source.add_query_asset(name, query=query)
    batch = asset.add_batch_definition(name).get_batch()
    gx_suite = gx.ExpectationSuite(
        name=name, expectations=[gx_expectation(each) for each in suite.expectations]
    )
    validated = batch.validate(gx_suite, result_format=RESULT_FORMAT)
    by_name = {each.expectation_config.meta[CHECK_KEY]: each for each in validated.results}
    seconds = (time.perf_counter() - started) / max(len(suite.expectations), 1)
    return [_result(suite, each, by_name.get(each.name), seconds) for each in suite.expectations]


def _result(suite: Suite, expectation: Expectation, outcome: Any, seconds: float) -> CheckResult:
    return CheckResult(
        suite=suite.name,
        check_name=expectation.name,
        relation=suite.relation,
        passed=outcome is not None and bool(outcome.success),
        observed="did not run" if outcome is None else observed_text(outcome),
        severity=expectation.severity,
        column=expectation.column,
        seconds=round(seconds, 4),
    )


def observed_text(outcome: Any) -> str:
    """A validation result in words: counts, shares or column names, never record values."""
    result = outcome.result or {}
    if "observed_value" not in result:
        return f"could not run: {_reason(outcome.exception_info)}"
    value, details = result["observed_value"], result.get("details") or {}
    kind = outcome.expectation_config.type
    if kind == "expect_no_records_where":
        counts = f"{value:,} of {_rows(details['row_count'])}"
        detail = details["detail"]
        text = counts if details["row_count"] else "0 rows"
        return text if outcome.success or not detail else f"{text}: {detail}"
    if kind == "expect_aggregate_to_be_between":
        text = "not enough records" if value is None else f"{value:,}"
        return f"{text} (from {_rows(details['row_count'])})"
    if kind == "expect_table_row_count_to_be_between":
        return _rows(value)
    if kind == "expect_table_columns_to_match_set":
        missing: Sequence[str] = (details.get("mismatched") or {}).get("missing") or ()
        return f"missing: {', '.join(missing)}" if missing else "all present"
    count, total = result.get("unexpected_count"), result.get("element_count")
    return f"{count} of {total} rows" if count is not None else "see the check's definition"


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _reason(failure: Any) -> str:
    """Why a query failed. DuckDB's messages may quote record values (a failed cast does), so only
    those about names of columns and tables are repeated."""
    text = str(failure)
    for kind in ("Binder Error", "Catalog Error", "Parser Error"):
        if kind in text:
            message = text[text.index(kind) :].split("\\n")[0].split("\n")[0]
            return message.split("\\\\n")[0][:200].strip()
    return "the query failed on the data"


def _could_not_run(suite: Suite, reason: str) -> list[CheckResult]:
    return [
        CheckResult(
            suite=suite.name,
            check_name=expectation.name,
            relation=suite.relation,
            passed=False,
            observed=f"could not run: {reason}",
            severity=expectation.severity,
            column=expectation.column,
        )
        for expectation in suite.expectations
    ]
