"""Every result depends on the data and as_of alone, not on threads, time zone or locale; and a build for an
earlier day shows that day."""

from __future__ import annotations

from datetime import date

import pytest

from demo_company.plan import Plan
from demo_company.truth import truth
from tests.conftest import JULY, NewInstallation
from tests.support.installation import Installation

CURRENT = """
    select distinct identifiers.identifier_type || '=' || identifiers.identifier,
        relationship_stage, relationship_stage_since, journey_stage, journey_stage_since,
        lifetime_net_revenue
    from intermediate.int_customer_identifiers as identifiers
    join core.dim_customers using (customer_id)
"""


@pytest.mark.slow  # test_nightly has it too, beside what else may change nothing
def test_threads_and_time_zone_change_nothing(
    golden: Installation, new_installation: NewInstallation
) -> None:
    other = new_installation(**golden.settings, THREADS="1", TIMEZONE="Pacific/Auckland")
    outcome = other.lifecycle("build", process={"TZ": "America/New_York", "LC_ALL": "C"})
    assert outcome.returncode == 0, outcome.stdout[-3000:]
    assert other.canonical_marts() == golden.canonical_marts()


def test_a_build_for_an_earlier_day_is_the_truth_of_that_day(july: Installation) -> None:
    with july.private() as connection:
        found = {name: tuple(values) for name, *values in connection.execute(CURRENT).fetchall()}
    people = [person for person in truth(Plan(), date.fromisoformat(JULY)).people if person.is_seen]
    assert len(people) > 500
    for person in people:
        kind, identifier = person.identifiers[0]
        now = {each.lifecycle: each for each in person.intervals if each.valid_to is None}
        assert found[f"{kind}={identifier}"] == (
            now["relationship"].stage,
            now["relationship"].valid_from,
            now["journey"].stage,
            now["journey"].valid_from,
            person.net,
        ), f"person {person.number}"
