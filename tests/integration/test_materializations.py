"""How models are written on DuckDB (dbt/macros/engine/materializations.sql), in a project of one model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from tests.support.installation import ROOT

PROJECT = f"""
name: one_model
profile: one_model
macro-paths: ["{ROOT}/dbt/macros"]
"""
PROFILE = """
one_model:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: "%s", schema: made, threads: 1}
"""
BY_KEY = "{{ config(materialized='incremental', unique_key=['id']) }}\n"
ROWS = "select * from (values (1, 'one'), (2, 'two')) as rows(id, word)"


class OneModel:
    """A dbt project with one model, `model`, and the table or view that it writes."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._file = folder, folder / "warehouse.duckdb"
        (folder / "models").mkdir()
        (folder / "dbt_project.yml").write_text(PROJECT)
        (folder / "profiles.yml").write_text(PROFILE % self._file)

    def build(self, sql: str, *, schema: str = "", flags: tuple[str, ...] = ()) -> str:
        """Runs the model. Returns its error, empty if there is none."""
        (self._folder / "models" / "model.sql").write_text(sql)
        (self._folder / "models" / "model.yml").write_text(schema or "models: []")
        folder = str(self._folder)
        try:
            outcome = dbtRunner().invoke(
                ["--quiet", "run", "--project-dir", folder, "--profiles-dir", folder, *flags]
            )
        finally:
            DuckDBConnectionManager.close_all_connections()
        if outcome.exception:
            raise outcome.exception
        return "".join(each.message for each in outcome.result if each.status == "error")

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows of the table, in order."""
        with duckdb.connect(str(self._file), read_only=True) as connection:
            return connection.execute("from made.model order by all").fetchall()

    def relations(self) -> list[tuple[str, str]]:
        """Name and type of everything in the file: no other table may be left behind."""
        with duckdb.connect(str(self._file), read_only=True) as connection:
            return connection.execute(
                "select table_name, table_type from information_schema.tables order by all"
            ).fetchall()


@pytest.fixture
def one_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OneModel:
    """A project that has not built anything yet. dbt writes only inside its folder."""
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path / "logs"))
    monkeypatch.setenv("DBT_LAST_LOAD", "")
    return OneModel(tmp_path)


def test_a_table_that_fails_remains_as_it_was(one_model: OneModel) -> None:
    table = "{{ config(materialized='table') }}\n"
    assert one_model.build(table + ROWS) == ""
    broken = "select id, cast(word as integer) as word from rows"
    error = one_model.build(f"{table}with rows as ({ROWS}) {broken}")

    assert "Could not convert string 'one'" in error
    assert one_model.rows() == [(1, "one"), (2, "two")]
    assert one_model.relations() == [("model", "BASE TABLE")]


def test_a_view_becomes_a_table_and_a_view_again(one_model: OneModel) -> None:
    for kind, stored in (("view", "VIEW"), ("table", "BASE TABLE"), ("view", "VIEW")):
        assert one_model.build(f"{{{{ config(materialized='{kind}') }}}}\n{ROWS}") == ""
        assert one_model.relations() == [("model", stored)]
        assert one_model.rows() == [(1, "one"), (2, "two")]


def test_rows_of_the_same_key_are_replaced(one_model: OneModel) -> None:
    assert one_model.build(BY_KEY + ROWS) == ""
    # The columns come in another order: they are matched by name.
    newer = "select * from (values ('TWO', 2), ('three', 3)) as rows(word, id)"
    assert one_model.build(BY_KEY + newer) == ""

    assert one_model.rows() == [(1, "one"), (2, "TWO"), (3, "three")]
    assert one_model.relations() == [("model", "BASE TABLE")]


def test_replacing_that_fails_changes_nothing(one_model: OneModel) -> None:
    assert one_model.build(BY_KEY + ROWS) == ""
    without_word = "select 2 as id, true as is_loud"

    assert '"word"' in one_model.build(BY_KEY + without_word)
    assert one_model.rows() == [(1, "one"), (2, "two")]


def test_deleted_rows_come_back_when_the_insert_fails(one_model: OneModel) -> None:
    """As in incremental tables: a hook deletes the affected rows, then they are written again."""
    incremental = (
        "{{ config(materialized='incremental', pre_hook=\"{{ 'delete from ' ~ this ~ ' where id = 2'"
        ' if is_incremental() }}") }}\n'
    )
    assert one_model.build(incremental + ROWS) == ""
    assert "is_loud" not in one_model.build(incremental + "select 2 as id, 'TWO' as word")
    assert one_model.rows() == [(1, "one"), (2, "TWO")]

    assert '"word"' in one_model.build(incremental + "select 2 as id, true as is_loud")
    assert one_model.rows() == [(1, "one"), (2, "TWO")]


def test_a_full_refresh_begins_anew(one_model: OneModel) -> None:
    assert one_model.build(BY_KEY + ROWS) == ""
    assert one_model.build(BY_KEY + "select 3 as id", flags=("--full-refresh",)) == ""

    assert one_model.rows() == [(3,)]


def test_a_contract_is_compared_with_the_model(one_model: OneModel) -> None:
    contract = """
models:
  - name: model
    config: {materialized: table, contract: {enforced: true}}
    columns: [{name: id, data_type: integer}, {name: word, data_type: integer}]
"""
    error = one_model.build(ROWS, schema=contract)

    assert "contract" in error
    assert one_model.relations() == []
