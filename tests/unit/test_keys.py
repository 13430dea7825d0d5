"""Key columns: the rule for tables that Python creates equals the rule for tables that dbt creates."""

from __future__ import annotations

from pathlib import Path

import duckdb
import jinja2
import pytest

from dagster_project.transformation.project import DBT_FOLDER
from dagster_project.warehouse.keys import storage

FSST = "VARCHAR using compression fsst"
MACROS = DBT_FOLDER / "macros" / "engine" / "tables.sql"
NAMES = (
    "customer_id", "order_id", "activity_key", "person_key", "email", "phone", "product_id", "content_id",
    "model_id", "build_id", "load_id", "kind", "channel", "email_domain", "keyed",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("customer_id", "VARCHAR", FSST),
        ("email", "varchar", "varchar using compression fsst"),
        ("identifier_key", "BIGINT", "BIGINT"),
        ("product_id", "VARCHAR", "VARCHAR"),
        ("load_id", "VARCHAR", "VARCHAR"),
        ("kind", "VARCHAR", "VARCHAR"),
    ],
)
def test_text_of_keys_has_its_compression(name: str, kind: str, expected: str) -> None:
    assert storage(name, kind) == expected


def test_dbt_has_the_same_rule() -> None:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals["return"] = lambda value: value
    macros = environment.from_string(MACROS.read_text()).module
    rules = {name: str(macros.is_distinct_key(name)) for name in NAMES}  # type: ignore[attr-defined]
    assert rules == {name: str("fsst" in storage(name, "VARCHAR")) for name in NAMES}


def test_a_compressed_column_takes_any_text(tmp_path: Path) -> None:
    """DuckDB uses another method for texts that are too long, and for nulls."""
    columns = ", ".join(f"{name} {storage(name, 'VARCHAR')}" for name in ("a_id", "b_id", "c_id"))
    text = "repeat('x' || i, case when i % 1000 = 0 then 20000 else 1 end)"
    with duckdb.connect(str(tmp_path / "keys.duckdb")) as connection:
        connection.execute(f"create table kept ({columns})")
        connection.execute(
            f"insert into kept select {text}, null, 'k' || i from range(130000) as numbers (i)"
        )
        connection.execute("checkpoint")
        used = connection.execute(
            "select distinct compression from pragma_storage_info('kept')"
            " where column_name = 'c_id' and segment_type = 'VARCHAR'"
        ).fetchall()
        wrong = connection.execute(
            f"select count(*) from range(130000) as numbers (i)"
            f" left join kept on c_id = 'k' || i where a_id is distinct from {text} or b_id is not null"
        ).fetchall()
    assert used == [("FSST",)]
    assert wrong == [(0,)]
