"""What Dagster shows of a served table."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dagster_project.publication.preview import previews


def test_a_preview_is_a_markdown_table_of_a_few_rows(tmp_path: Path) -> None:
    path = tmp_path / "served.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema core")
        connection.execute("create table core.few as select 1 as id, 'a|b' as word, null as gap")
        columns = ", ".join(f"{number} as c{number}" for number in range(20))
        connection.execute(f"create table core.many as select {columns} from range(100)")
    shown = previews(path, ["core.few", "core.many"])
    assert shown["core.few"] == "| id | word | gap |\n| --- | --- | --- |\n| 1 | a\\|b |  |"
    assert len(shown["core.many"].splitlines()) == 7
    assert shown["core.many"].splitlines()[0].count("|") == 9
