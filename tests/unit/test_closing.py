"""When the process that runs dbt closes the warehouse between two models: when DuckDB holds on to memory."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dagster_project.transformation.worker import LONG_LOG_BYTES, has_long_log, holds_on

LIMIT = "100MB"


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), config={"memory_limit": LIMIT})


def test_deleted_rows_are_held_until_the_file_is_closed(tmp_path: Path) -> None:
    """docs/decisions/0028: eight bytes for each row, here 32 MB where 25 may stay."""
    path = tmp_path / "warehouse.duckdb"
    with _opened(path) as connection:
        connection.execute("create table kept as select i from range(4000000) as numbers (i)")
        connection.execute("select sum(i) from kept")
        assert not holds_on(connection, LIMIT), "without deleted rows everything can be let go of"
        connection.execute("delete from kept where i % 2000 = 0")
    with _opened(path) as connection:
        assert not holds_on(connection, LIMIT), "nothing has been read"
        connection.execute("select sum(i) from kept").fetchall()
        assert holds_on(connection, LIMIT)
        limits = connection.execute("select current_setting('memory_limit')").fetchall()
    with _opened(path) as connection:
        assert limits == connection.execute("select current_setting('memory_limit')").fetchall()


def test_a_long_log_is_told_from_a_short_one(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with _opened(path) as connection:
        connection.execute("set checkpoint_threshold = '1GB'; create table kept (i bigint)")
        connection.execute("insert into kept from range(1000)")
        assert not has_long_log(path)
        rows = LONG_LOG_BYTES // 8 // 100_000 + 1
        for _ in range(rows):  # each less than a row group, which goes through the log
            connection.execute("insert into kept from range(100000)")
        assert has_long_log(path)
    assert not has_long_log(path), "closing empties the log"
