"""The last word on every record is what the input layer has, whatever was delivered before it: states that come
back, deletions, full and partial deliveries, in steps and in a full refresh. The expectation is computed here,
from the delivered records alone. `INCREMENTAL_EXAMPLES` is the number of companies, as elsewhere."""

from __future__ import annotations

import os
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dagster_project.warehouse import Warehouse
from tests.support.incremental_runs import Company

AS_OF = date(2025, 6, 1)
EXAMPLES = int(os.environ.get("INCREMENTAL_EXAMPLES", "3"))
PARSED: list[Any] = []
TICKETS = ("--select", "stg_generic__support_tickets input_support_tickets")
Record = dict[str, Any]


def ticket(number: int, topic: str, updated_at: str | None, is_deleted: bool) -> Record:
    fields = {
        "ticket_id": f"t{number}", "opened_at": "2025-01-01T00:00:00Z", "email": f"{number}@x.test",
        "topic": topic,
        "updated_at": updated_at, "deleted_at": "2025-02-01T00:00:00Z" if is_deleted else None,
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value is not None}


records = st.builds(
    ticket,
    st.integers(0, 2),
    st.sampled_from("ab"),
    st.sampled_from([None, None, "2025-03-01T00:00:00Z", "2025-03-02T00:00:00Z"]),
    st.sampled_from([False, False, False, True]),
)


def last_words(files: list[list[Record]], *, is_full: bool) -> dict[str, str]:
    """The topic of every ticket that is there after these files."""
    versions: dict[str, list[tuple[str, int, int, Record | None]]] = {}
    for number, file in enumerate(files):
        for place, each in enumerate(file):
            found = (each.get("updated_at", ""), number, place, each)
            versions.setdefault(each["ticket_id"], []).append(found)
        for key, of_key in versions.items() if is_full else ():
            newest = max(of_key, key=lambda version: version[:3])
            if newest[3] is not None and key not in {each["ticket_id"] for each in file}:
                of_key.append((newest[0], number, -1, None))
    newest_of = {key: max(found, key=lambda v: v[:3])[3] for key, found in versions.items()}
    return {
        key: each["topic"]
        for key, each in newest_of.items()
        if each is not None and "deleted_at" not in each
    }


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize="INCREMENTAL_EXAMPLES" not in os.environ,
    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(
    files=st.lists(st.lists(records, min_size=1, max_size=4), min_size=3, max_size=5),
    is_full=st.booleans(),
)
def test_the_last_word_is_served(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[Record]], is_full: bool
) -> None:
    deliveries = {"support_tickets": "full" if is_full else "changes"}
    folder = tmp_path_factory.mktemp("company")
    company = Company(folder, PARSED, deliveries=deliveries, selection=TICKETS)
    expected: dict[str, str] = {}
    for number, file in enumerate(files, start=1):
        company.run({"support_tickets": file}, AS_OF)
        expected = last_words(files[:number], is_full=is_full)
        assert shown(company) == expected
    company.full_refresh(AS_OF)
    assert shown(company) == expected


def shown(company: Company) -> dict[str, str]:
    query = "select ticket_id, topic from input.input_support_tickets where deleted_at is null"
    with Warehouse(company.settings).connect(read_only=True) as connection:
        return dict(connection.execute(query).fetchall())
