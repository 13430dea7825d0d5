"""A build of an earlier day, or of one that has not come, does not replace what readers see: from the command,
as a day of a backfill, and until somebody asks for it. The shop's last order is of 2024-02-06."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.integration.test_nightly import _run
from tests.support.installation import Installation

TONIGHT, EARLIER, LATER = "2024-02-07", "2024-02-01", "2999-01-01"


def _as_of(file: Path) -> str:
    with duckdb.connect(str(file), read_only=True) as connection:
        ((as_of,),) = connection.execute("select as_of::varchar from meta.build_info").fetchall()
    return str(as_of)


def _orders(file: Path) -> int:
    with duckdb.connect(str(file), read_only=True) as connection:
        ((count,),) = connection.execute("select count(*) from core.fct_orders").fetchall()
    return int(count)


@pytest.fixture(scope="module")
def shop(orders_alone: Installation) -> Installation:
    return orders_alone


@pytest.mark.slow  # three builds; the publication's own tests have the rule
def test_builds_of_other_days_wait_beside_until_asked_for(shop: Installation) -> None:
    served, build = shop.home / "served", shop.published_build()
    report = (shop.home / "reports" / "latest").readlink()

    output = shop.build("--as-of", EARLIER)
    assert f"readers still see the build of {TONIGHT}" in output
    assert f"as_of/{EARLIER}/" in output
    assert shop.published_build() == build
    dated = served / "as_of" / EARLIER
    assert _as_of(dated / "lifecycle.duckdb") == EARLIER
    assert _orders(dated / "lifecycle.duckdb") == 1
    assert len(list(dated.glob("parquet/fct_orders/*.parquet"))) == 1

    output = shop.build("--as-of", LATER)
    assert "later than now" in output and "Dates kept beside: 2" in output
    assert shop.published_build() == build
    assert (shop.home / "reports" / "latest").readlink() == report
    assert len(list((shop.home / "reports").glob("*/index.html"))) == 4, "latest is a link"

    # A day of a backfill, as the daemon runs it.
    assert _run(shop, "2024-01-10") == 0
    assert shop.published_build() == build
    assert _as_of(served / "as_of" / "2024-01-11" / "lifecycle.duckdb") == "2024-01-11"

    status = shop.lifecycle("status")
    assert status.returncode == 0
    assert "Kept beside, by date" in status.stdout
    assert all(day in status.stdout for day in (TONIGHT, EARLIER, LATER))

    asked = shop.lifecycle("rollback", "--to", EARLIER)
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert _as_of(served / "lifecycle.duckdb") == EARLIER
    shop.build("--as-of", "newest")
    assert _as_of(served / "lifecycle.duckdb") == TONIGHT


@pytest.mark.slow  # the suite's own tests have the rule
def test_a_system_that_went_silent_is_a_warning_by_name_and_age(shop: Installation) -> None:
    shop.build("--as-of", "yesterday")
    with shop.served() as connection:
        found = connection.execute(
            "select observed from meta.data_quality_results"
            " where suite = 'freshness_feeds' and not passed and severity = 'warning'"
        ).fetchall()
    assert [observed.split(": ")[1] for (observed,) in found] == ["generic"]
    assert "newest record of 2024-02-06" in found[0][0]
    assert "generic: newest record of 2024-02-06 (orders)" in shop.lifecycle("status").stdout
    assert "generic: newest record of 2024-02-06 (orders)" in shop.lifecycle("doctor").stdout
