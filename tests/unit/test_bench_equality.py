"""The proof that two files hold the same marts must find every difference. Belongs here: small files with one
difference each. Does not belong here: the real marts (`python -m bench --check`)."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from bench.complete_journey import differences
from bench.equality import TableComparison, compare_marts

BASE = "create schema core; create table core.orders as select 1 as id, 'a' as name union all select 1, 'a'"


def _file(path: Path, script: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(script)
    return path


def _compare(tmp_path: Path, left: str, right: str) -> list[TableComparison]:
    return compare_marts(_file(tmp_path / "l.duckdb", left), _file(tmp_path / "r.duckdb", right))


def test_equal_marts_are_equal_in_any_order_of_rows(tmp_path: Path) -> None:
    left = "create schema core; create table core.orders as select unnest([1, 2, 2]) as id"
    right = "create schema core; create table core.orders as select unnest([2, 1, 2]) as id"
    compared = _compare(tmp_path, left, right)
    assert [(one.table, one.rows, one.is_equal) for one in compared] == [("core.orders", 3, True)]
    assert differences(compared) == []


@pytest.mark.parametrize(
    ("change", "only_left", "only_right"),
    [
        ("update core.orders set name = 'b'", 2, 2),
        ("insert into core.orders values (1, 'a')", 0, 1),
        ("delete from core.orders; insert into core.orders values (1, 'a')", 1, 0),
        ("update core.orders set name = null", 2, 2),
    ],
)
def test_other_rows_are_counted(
    tmp_path: Path, change: str, only_left: int, only_right: int
) -> None:
    (compared,) = _compare(tmp_path, BASE, f"{BASE}; {change}")
    assert (compared.only_left, compared.only_right) == (only_left, only_right)
    assert not compared.is_equal
    assert differences([compared])[0].startswith("core.orders differs")


@pytest.mark.parametrize(
    "change",
    [
        "alter table core.orders rename id to key",
        "alter table core.orders alter id type bigint",
        "create table core.more (id integer)",
    ],
)
def test_other_tables_and_columns_are_trouble(tmp_path: Path, change: str) -> None:
    compared = _compare(tmp_path, BASE, f"{BASE}; {change}")
    assert [bool(one.trouble) for one in compared if not one.is_equal] == [True]


@pytest.mark.parametrize(
    "change", ["alter table core.orders drop name", "create table core.more (id integer)"]
)
def test_the_first_file_may_have_more(tmp_path: Path, change: str) -> None:
    left, right = (BASE, f"{BASE}; {change}") if "drop" in change else (f"{BASE}; {change}", BASE)
    compared = _compare(tmp_path, left, right)
    assert [one.table for one in compared] == ["core.orders"]
    assert differences(compared) == []


def test_schemas_that_are_not_served_do_not_count(tmp_path: Path) -> None:
    more = f"{BASE}; create schema ingest; create table ingest.loads (id integer)"
    assert all(one.is_equal for one in _compare(tmp_path, BASE, more))


def test_what_is_fitted_outside_sql_is_left_out(tmp_path: Path) -> None:
    fitted = (
        f"{BASE}; create schema value;"
        " create table value.fct_customer_lifetime_value as"
        " select 1 as frequency, {alive} as probability_alive, '{model}' as model_id;"
        " create table value.lifetime_value_models as select '{model}' as model_id"
    )
    compared = _compare(
        tmp_path, fitted.format(alive=0.5, model="a"), fitted.format(alive="null", model="b")
    )
    assert [(one.table, one.is_equal) for one in compared] == [
        ("core.orders", True),
        ("value.fct_customer_lifetime_value", True),
    ]
