"""What a build may stand on. Belongs here: what makes another build of it."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from dagster_project.settings import load_settings
from dagster_project.transformation import foundation
from dagster_project.transformation.foundation import (
    build_signature,
    find_foundation,
    lay_foundation,
)

SETTINGS = {"LIFECYCLE_PII_KEY": "k"}
AS_OF = date(2026, 1, 1)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    opened.execute("create schema ingest")
    opened.execute(
        "create table ingest.pseudonym_key as select 'in' as inner_pad, 'out' as outer_pad"
    )
    return opened


def test_the_same_everything_is_the_same_build(connection: duckdb.DuckDBPyConnection) -> None:
    signature = build_signature(connection, load_settings(SETTINGS), None)
    assert signature == build_signature(connection, load_settings(SETTINGS), None)
    lay_foundation(connection, signature, AS_OF, 7)
    assert find_foundation(connection, signature, AS_OF) == foundation.Foundation(AS_OF, 7)
    assert find_foundation(connection, signature, date(2025, 12, 31)) is None
    assert find_foundation(connection, "another", AS_OF) is None


def test_a_setting_a_day_of_knowledge_or_a_library_makes_another(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = load_settings(SETTINGS)
    found = {build_signature(connection, plain, None), build_signature(connection, plain, AS_OF)}
    euro = load_settings({**SETTINGS, "LIFECYCLE_CURRENCY": "CZK"})
    found.add(build_signature(connection, euro, None))
    real = foundation.version
    monkeypatch.setattr(
        foundation, "version", lambda name: "0" if name == "phonenumbers" else real(name)
    )
    found.add(build_signature(connection, plain, None))
    assert len(found) == 4
