"""A third lifecycle, HubSpot's, by a setting alone: its stages are what really happened, its intervals leave no
gap, every report contains it, and the published lifecycles do not change."""

from __future__ import annotations

import csv
import subprocess
from datetime import date, datetime, time
from itertools import pairwise

import duckdb
import pytest

from dagster_project.errors import SettingError
from dagster_project.settings import load_settings
from dagster_project.transformation.project import lifecycles
from demo_company.accounts import order_truth
from demo_company.company import batches
from demo_company.pasts import Past, past_of
from demo_company.plan import Plan
from demo_company.shop import currency_rates
from demo_company.truth import identifiers_on, names_of
from demo_company.words import SHARED_MAILBOX
from tests.conftest import NewInstallation
from tests.support.installation import ROOT, Installation

AS_OF = datetime.combine(date(2026, 1, 1), time.min)
STAGES = (
    *("subscriber", "lead", "marketing_qualified_lead", "sales_qualified_lead"),
    *("opportunity", "customer", "evangelist"),
)
Interval = tuple[str, datetime, datetime | None]


@pytest.fixture(scope="module")
def extra(new_installation: NewInstallation) -> Installation:
    installation = new_installation(EXTRA_LIFECYCLES="hubspot")
    installation.build()
    return installation


@pytest.mark.slow  # a whole build
def test_its_stages_are_what_happened(extra: Installation) -> None:
    with extra.private() as connection:
        rows = connection.execute(
            "select distinct identifiers.identifier_type || '=' || identifiers.identifier,"
            " stage, valid_from, valid_to from intermediate.int_customer_identifiers as identifiers"
            " join lifecycle.fct_customer_stage_intervals using (customer_id)"
            " where lifecycle = 'hubspot'"
        ).fetchall()
    found: dict[str, set[Interval]] = {}
    for name, stage, valid_from, valid_to in rows:
        found.setdefault(name, set()).add((stage, valid_from, valid_to))
    compared = 0
    for name, past in _pasts().items():
        assert found[name] == set(_intervals(past))
        compared += 1
    assert compared > 1900
    # In the demo company, no customer asks three times before the first order.
    in_use = {stage for intervals in found.values() for stage, _, _ in intervals}
    assert in_use == {*STAGES} - {"sales_qualified_lead"}


@pytest.mark.slow  # a whole build
def test_its_intervals_partition_every_life(extra: Installation) -> None:
    with extra.served() as connection:
        rows = connection.execute(
            "select customer_id, lifecycle, valid_from, valid_to"
            " from lifecycle.fct_customer_stage_intervals order by all"
        ).fetchall()
        customers = connection.execute("select count(*) from core.dim_customers").fetchone()
    lives: dict[tuple[str, str], list[tuple[datetime, datetime | None]]] = {}
    for customer, lifecycle, start, end in rows:
        lives.setdefault((customer, lifecycle), []).append((start, end))
    assert customers is not None
    assert sum(lifecycle == "hubspot" for _, lifecycle in lives) == customers[0]
    for (customer, _), intervals in lives.items():
        assert all(before[1] == after[0] for before, after in pairwise(intervals))
        assert intervals[-1][1] is None
        assert intervals[0][0] == lives[customer, "journey"][0][0]


@pytest.mark.slow  # a whole build
def test_every_stage_report_contains_it(extra: Installation) -> None:
    tables = (
        *("core.dim_lifecycle_stages", "lifecycle.fct_customer_stage_transitions"),
        *("lifecycle.fct_lifecycle_stages_daily", "lifecycle.rpt_stage_transition_matrix"),
        *("lifecycle.rpt_lifecycle_funnel", "lifecycle.rpt_stage_kpis"),
        "lifecycle.rpt_stage_forecast",
        "care.fct_care_actions",
    )
    with extra.served() as connection:
        for table in tables:
            found = connection.execute(f"select distinct lifecycle from {table}").fetchall()
            assert sorted(found) == [("hubspot",), ("journey",), ("relationship",)], table
        judged = connection.execute(
            "select distinct split_part(forecast, ':', 2) from value.rpt_forecast_candidates"
            " where forecast like 'stages:%' order by 1"
        ).fetchall()
    assert judged == [("hubspot",), ("journey",), ("relationship",)]


@pytest.mark.slow  # a whole build
def test_nothing_else_changes(demo: Installation, extra: Installation) -> None:
    with demo.served() as before, extra.served() as after:
        for table in demo.served_tables():
            if table.startswith("meta."):
                continue
            columns = {
                name
                for (name,) in before.execute(
                    f"select column_name from (describe {table})"
                ).fetchall()
            }
            where = "where lifecycle <> 'hubspot'" if "lifecycle" in columns else ""
            rows = f"from {table} {where} order by all"
            assert before.execute(rows).fetchall() == after.execute(rows).fetchall(), table


def test_it_is_nothing_but_configuration() -> None:
    """No model, macro, dbt test or Python module names HubSpot or one of its stages."""
    outcome = subprocess.run(
        [
            *("git", "grep", "--untracked", "-liE"),
            "hubspot|marketing_qualified|sales_qualified|subscriber|evangelist",
            *("--", "dbt", "dagster_project", "seeds/reference"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert sorted(outcome.stdout.split()) == [
        "dagster_project/settings/descriptions.py",  # the example of the setting
        "dbt/lifecycles.yml",
        "dbt/models/_columns.md",  # the example of a lifecycle code
        "seeds/reference/care_actions.csv",
        "seeds/reference/lifecycle_stages.csv",
        "seeds/reference/thresholds.csv",
    ]


def test_each_of_its_stages_can_be_reached() -> None:
    """Its configured predicates, in their order, over hand-made states. One of them, three inquiries before the
    first order, does not occur in the demo company."""
    (lifecycle,) = (each for each in lifecycles() if each["code"] == "hubspot")
    counts = ("inquiry_count", "started_checkout_count", "placed_order_count")
    columns = (*counts, "counted_order_count", "advocacy_signal_count", *lifecycle["thresholds"])
    predicates = " ".join(
        f"when {stage['when']} then '{stage['code']}'" for stage in lifecycle["stages"]
    )
    with (ROOT / "seeds" / "reference" / "thresholds.csv").open() as file:
        values = {row["threshold"]: row["value"] for row in csv.DictReader(file)}
    thresholds = tuple(int(values[name]) for name in lifecycle["thresholds"])
    states = {
        (0, 0, 0, 0, 1): "subscriber",
        (1, 0, 0, 0, 0): "lead",
        (2, 0, 0, 0, 0): "marketing_qualified_lead",
        (3, 0, 0, 0, 0): "sales_qualified_lead",
        (9, 1, 0, 0, 0): "opportunity",
        (0, 0, 1, 0, 1): "opportunity",
        (0, 0, 1, 1, 0): "customer",
        (9, 0, 1, 1, 1): "evangelist",
    }
    with duckdb.connect() as connection:
        for state, stage in states.items():
            found = connection.execute(
                f"select case {predicates} end"
                f" from (values {(*state, *thresholds)}) as states ({', '.join(columns)})"
            ).fetchall()
            assert found == [(stage,)]


def test_an_unknown_lifecycle_is_refused() -> None:
    with pytest.raises(SettingError, match="Choose from: hubspot"):
        load_settings({"LIFECYCLE_EXTRA_LIFECYCLES": "pipedrive"})


def _pasts() -> dict[str, Past]:
    """The past of every person of the demo company, by one of their identifiers."""
    plan = Plan()
    rates = currency_rates(plan)
    pasts = {}
    for batch in batches(plan):
        for life in batch.lives:
            orders = [
                order_truth(order, None, rates, AS_OF) for order in life.orders if order.at < AS_OF
            ]
            past = past_of(life, sorted(o.ordered_at for o in orders if o.is_counted), AS_OF)
            names = {pair for name in names_of(life, AS_OF) for pair in identifiers_on(name)}
            if past is not None:
                kind, identifier = min(names - {("email", SHARED_MAILBOX)})
                pasts[f"{kind}={identifier}"] = past
    return pasts


def _intervals(past: Past) -> list[Interval]:
    starts = [at for at, *_ in past.orders] + [at for at, _ in past.checkouts]
    moments = {past.first_touch_at, *past.counted, *past.asked, *past.signals, *starts}
    entries: list[tuple[str, datetime]] = []
    for now in sorted(moments):
        stage = _stage(past, starts, now)
        if not entries or entries[-1][0] != stage:
            entries.append((stage, now))
    ends = [at for _, at in entries[1:]]
    return [(stage, at, end) for (stage, at), end in zip(entries, [*ends, None], strict=True)]


def _stage(past: Past, starts: list[datetime], now: datetime) -> str:
    if any(at <= now for at in past.counted):
        return "evangelist" if any(at <= now for at in past.signals) else "customer"
    if any(at <= now for at in starts):
        return "opportunity"
    asked = sum(at <= now for at in past.asked)
    return STAGES[min(asked, 3)]
