"""The baseline must write what a build serves, or the comparison is unfair. Belongs here: small files with one
difference each. Does not belong here: the real marts (`python -m bench sizes`)."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from bench.same_marts import compare

SERVED = """
create schema core; create schema value;
create table core.fct_orders as
select range as order_number, range % 10 > 0 as is_counted, 1.5::decimal(18, 2) as net_amount
from range(1000);
create table core.dim_customers as
select 'served' || range as customer_id, 2 as counted_order_count from range(10);
create table value.lifetime_value_models as select 'fitted' as model_id, 3.5::double as holdout_mae;
create table value.fct_customer_lifetime_value as
select 4.5::double as probability_alive, 1 as frequency from range(10)
"""
BASELINE = (
    SERVED.replace("'served'", "'baseline'")
    + "; delete from value.lifetime_value_models;"
    + " update value.fct_customer_lifetime_value set probability_alive = null"
)


def _compare(folder: Path, change: str = "") -> tuple[dict[str, tuple[object, ...]], list[str]]:
    for name, script in (("served", SERVED), ("baseline", f"{BASELINE}; {change}")):
        with duckdb.connect(str(folder / f"{name}.duckdb")) as connection:
            connection.execute(script)
    table, troubles = compare(folder / "served.duckdb", folder / "baseline.duckdb")
    return {str(mart): tuple(rest) for mart, *rest in table.rows}, troubles


def test_marts_with_other_ids_and_without_what_is_fitted_are_the_same(tmp_path: Path) -> None:
    rows, troubles = _compare(tmp_path)
    assert troubles == []
    assert rows["core.dim_customers"] == (10, 10, "1 of 1")
    assert "value.lifetime_value_models" not in rows


def test_a_mart_that_is_missing_is_trouble(tmp_path: Path) -> None:
    rows, troubles = _compare(tmp_path, "drop table core.dim_customers")
    assert troubles == ["The baseline does not write core.dim_customers."]
    assert rows["core.dim_customers"] == (10, "missing", "")


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        ("alter table core.dim_customers drop counted_order_count", "without counted_order_count"),
        ("alter table value.lifetime_value_models drop holdout_mae", "without holdout_mae"),
        ("delete from core.dim_customers where rowid < 6", "10 rows are served, the baseline has 4"),
        ("delete from core.fct_orders where rowid < 30", "1,000 rows are served"),
        ("update core.fct_orders set net_amount = 1.6 where is_counted", "orders: counted net_amount is"),
        ("update core.fct_orders set net_amount = -1.5 where rowid < 20; update core.fct_orders"
         " set is_counted = true where rowid < 30", "not counted rows is 100.00 as served and 97.00"),
    ],
)  # fmt: skip
def test_what_differs_is_reported(tmp_path: Path, change: str, reported: str) -> None:
    _, troubles = _compare(tmp_path, change)
    assert any(reported in trouble for trouble in troubles), troubles


def test_a_few_rows_and_little_money_may_differ(tmp_path: Path) -> None:
    change = "insert into core.dim_customers select 'baseline x', 0 from range(5);"
    _, troubles = _compare(tmp_path, change + "delete from core.fct_orders where rowid in (1, 2)")
    assert troubles == []
