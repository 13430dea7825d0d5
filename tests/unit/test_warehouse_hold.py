"""dbt's hold on the warehouse is released between two models when DuckDB keeps memory that it cannot
release."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dagster_project.transformation.warehouse_hold import is_full
from dagster_project.warehouse.log import close_leaving_log, has_long_log, log_of

LIMIT = "100MB"


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), config={"memory_limit": LIMIT})


def _make_large(path: Path) -> None:
    """24 MB and an empty table."""
    with _opened(path) as connection:
        connection.execute("create table large as select hash(i) as h from range(3000000) as t (i)")
        connection.execute("create table kept (i bigint)")


def test_deleted_rows_are_held_until_the_file_is_closed(tmp_path: Path) -> None:
    """docs/decisions/0028: eight bytes for each row, here 32 MB where 25 may be kept."""
    path = tmp_path / "warehouse.duckdb"
    with _opened(path) as connection:
        connection.execute("create table kept as select i from range(4000000) as numbers (i)")
        connection.execute("select sum(i) from kept")
        assert not is_full(connection, LIMIT), "without deleted rows everything can be let go of"
        connection.execute("delete from kept where i % 2000 = 0")
    with _opened(path) as connection:
        assert not is_full(connection, LIMIT), "nothing has been read"
        connection.execute("select sum(i) from kept").fetchall()
        assert is_full(connection, LIMIT)
        limits = connection.execute("select current_setting('memory_limit')").fetchall()
    with _opened(path) as connection:
        assert limits == connection.execute("select current_setting('memory_limit')").fetchall()


def test_a_short_log_is_left_for_the_next_opening_to_read(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    _make_large(path)
    connection = _opened(path)
    connection.execute("insert into kept values (1)")
    connection.execute("begin")
    with pytest.raises(duckdb.Error):
        connection.execute("select 1 / 'nothing'")  # a failed transaction can be closed too
    close_leaving_log(connection, path, connection.close)
    assert log_of(path).stat().st_mode & 0o777 == 0o600
    with duckdb.connect(str(path), read_only=True) as reader:
        assert reader.execute("select count(*) from kept").fetchall() == [(1,)]
    assert log_of(path).exists(), "readers leave it"
    with _opened(path) as connection:
        assert connection.execute("select count(*) from kept").fetchall() == [(1,)]
    assert not log_of(path).exists()


def test_a_long_log_is_put_into_the_file_before_it_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    _make_large(path)
    connection = _opened(path)
    connection.execute("insert into kept values (1)")
    assert log_of(path).exists()
    assert not has_long_log(path)
    # Rows of less than a row group go through the log.
    connection.execute("insert into kept from range(100000)")
    assert has_long_log(path)
    close_leaving_log(connection, path, connection.close)
    assert not log_of(path).exists()
