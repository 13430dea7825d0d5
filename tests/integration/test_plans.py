"""DuckDB's plan of each model. Belongs here: plans that grow with the square of the data, which are not slow
yet in a small company. Does not belong here: measured times."""

from __future__ import annotations

import re

import duckdb

from tests.support.installation import Installation

# In a left join whose condition is more than comparisons joined by `and`, DuckDB compares every pair of rows.
# Inner joins of this kind are allowed: a single row of thresholds is joined so.
EVERY_PAIR = re.compile(r"BLOCKWISE_NL_JOIN.*?Join Type: (\w+)", re.DOTALL)
OWN_FUNCTIONS = {"int_phone_numbers"}  # e164 is Python, and only dbt's connection has it


def every_pair_joins(plan: str) -> list[str]:
    """The types of the joins that compare every pair, except inner joins."""
    return [kind for kind in EVERY_PAIR.findall(plan) if kind != "INNER"]


def test_no_model_compares_every_pair_of_rows(demo: Installation) -> None:
    folder = demo.home / "dbt" / "compiled" / "customer_lifecycle" / "models"
    models = [path for path in sorted(folder.rglob("*.sql")) if path.stem not in OWN_FUNCTIONS]
    assert len(models) > 130
    found = {}
    with demo.private() as connection:
        for path in models:
            ((_, plan),) = connection.execute(f"explain {path.read_text()}").fetchall()
            if kinds := every_pair_joins(plan):
                found[path.stem] = kinds
    assert found == {}


def test_such_a_join_is_seen() -> None:
    plan = """select * from range(9) as a(x) left join range(9) as b(y)
    on a.x = b.y and (b.y is null or a.x > b.y)"""
    with duckdb.connect() as connection:
        ((_, found),) = connection.execute(f"explain {plan}").fetchall()
    assert every_pair_joins(found) == ["LEFT"]
