"""Days, weeks and months are those of the reporting time zone: every order lies in exactly one day, also where
a day has 23 or 25 hours, and as_of is midnight there. Each zone is one small company with an order in every
hour around the days on which the clocks change, compared with the calendar of Python."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dagster_project.transformation.as_of import local_date, midnight
from tests.support.incremental_runs import Company, rows

AS_OF = date(2025, 4, 1)
ZONES = ("America/New_York", pytest.param("Europe/Prague", marks=pytest.mark.slow))
# Around the days of 2024 and 2025 on which clocks change in New York and in Prague, the end of a
# month, and the last hours before as_of and the first ones after it.
AROUND = ("2024-10-26", "2024-11-02", "2025-01-31", "2025-03-08", "2025-03-29", "2025-03-31")


def moments() -> list[datetime]:
    begins = [datetime.fromisoformat(day) - timedelta(minutes=30) for day in AROUND]
    return sorted({begin + timedelta(hours=hour) for begin in begins for hour in range(-12, 60)})


def orders() -> list[dict[str, Any]]:
    return [
        {
            "order_id": f"o{number}",
            "ordered_at": f"{moment.isoformat()}Z",
            "email": f"p{number % 9}@shop.test",
            "items_amount": 1 + number / 100,
            "status": "completed",
            "currency_code": "EUR",
            "channel": "email",
        }
        for number, moment in enumerate(moments())
    ]


@pytest.fixture(scope="module", params=ZONES)
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company of one zone, built on two days, the second incrementally."""
    folder = tmp_path_factory.mktemp(request.param.replace("/", "-"))
    built = Company(folder, given={"REPORTING_TIMEZONE": request.param})
    records = orders()
    built.run({"orders": records[:300]}, date(2025, 3, 30))
    built.run({"orders": records[300:]}, AS_OF)
    return built


def counted(company: Company) -> dict[datetime, Decimal]:
    """The orders that happened before as_of by Python's calendar."""
    zone = company.settings.reporting_timezone
    return {
        datetime.fromisoformat(each["ordered_at"]).replace(tzinfo=None): Decimal(
            f"{each['items_amount']:.2f}"
        )
        for each in orders()
        if datetime.fromisoformat(each["ordered_at"]).astimezone(ZoneInfo(zone)).date() < AS_OF
    }


def test_every_order_before_midnight_there_counts(company: Company) -> None:
    found = rows(company, "select ordered_at from core.fct_orders order by 1")
    assert [moment for (moment,) in found] == sorted(counted(company))


def test_every_order_lies_in_exactly_one_month(company: Company) -> None:
    zone = company.settings.reporting_timezone
    expected: Counter[date] = Counter()
    for moment, amount in counted(company).items():
        expected[local_date(moment, zone).replace(day=1)] += amount  # type: ignore[assignment]
    found = rows(
        company,
        "select month, sum(net_revenue) from value.fct_customer_value_monthly"
        " group by month having sum(net_revenue) > 0 order by month",
    )
    assert dict(found) == expected
    attributed = rows(
        company,
        "select month, cast(sum(credited_order_count) / count(distinct attribution_model) as integer)"
        " from engagement.rpt_channel_attribution group by month",
    )
    assert dict(attributed) == Counter(
        local_date(moment, zone).replace(day=1) for moment in counted(company)
    )


def test_every_purchase_day_and_stage_entry_lies_on_its_day(company: Company) -> None:
    zone = company.settings.reporting_timezone
    found = rows(
        company, "select distinct purchase_date from intermediate.int_customer_purchase_days"
    )
    assert {day for (day,) in found} == {local_date(moment, zone) for moment in counted(company)}
    entered = rows(
        company,
        "select date, cast(sum(entered_count) as integer) from lifecycle.fct_lifecycle_stages_daily"
        " group by date having sum(entered_count) > 0",
    )
    intervals = rows(company, "select valid_from from lifecycle.fct_customer_stage_intervals")
    assert dict(entered) == Counter(local_date(moment, zone) for (moment,) in intervals)


def test_dates_run_from_the_first_day_to_the_last_one_observed(company: Company) -> None:
    zone = company.settings.reporting_timezone
    first = local_date(min(counted(company)), zone)
    found = rows(company, "select min(date_day), max(date_day), count(*) from core.dim_dates")
    assert found == [(first, date(2025, 3, 31), (AS_OF - first).days)]


def test_incremental_equals_full_refresh(company: Company) -> None:
    before = company.marts()
    company.full_refresh(AS_OF)
    assert company.marts() == before


def test_an_evening_in_new_york_belongs_to_its_month(tmp_path: Path) -> None:
    """Case 17."""
    company = Company(tmp_path, given={"REPORTING_TIMEZONE": "America/New_York"})
    order = {**orders()[0], "ordered_at": "2025-01-31T23:30:00-05:00", "order_id": "17"}
    company.run({"orders": [order]}, date(2025, 2, 1))
    assert rows(company, "select max(month)::varchar from value.fct_customer_value_monthly") == [
        ("2025-01-01",)
    ]
    ordered_at = datetime(2025, 2, 1, 4, 30)
    assert rows(company, "select ordered_at from core.fct_orders") == [(ordered_at,)]


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("UTC", date(2025, 3, 30), datetime(2025, 3, 30)),
        ("Europe/Prague", date(2025, 3, 31), datetime(2025, 3, 30, 22)),
        ("America/New_York", date(2025, 1, 1), datetime(2025, 1, 1, 5)),
        # The clocks go from 23:59 to 1:00 there, and from 1:00 back to midnight.
        ("Africa/Cairo", date(2025, 4, 25), datetime(2025, 4, 24, 22)),
        ("America/Havana", date(2025, 3, 9), datetime(2025, 3, 9, 5)),
        ("America/Havana", date(2025, 11, 2), datetime(2025, 11, 2, 4)),
    ],
)
def test_a_day_begins_where_the_date_changes(zone: str, day: date, begins: datetime) -> None:
    found = midnight(day, zone)
    assert found == begins
    assert local_date(found, zone) == day
    before = found.replace(tzinfo=UTC) - timedelta(microseconds=1)
    assert before.astimezone(ZoneInfo(zone)).date() < day
