"""`lifecycle export --lake`: everything that the models read, as it is in raw, readable by this user alone."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import duckdb
import yaml

from tests.conftest import NewInstallation
from tests.support.installation import ROOT, Installation


def _declared_sources() -> set[str]:
    found = set()
    for path in (ROOT / "dbt" / "models").rglob("*.yml"):
        for source in yaml.safe_load(path.read_text()).get("sources", []):
            schema = source.get("schema", source["name"])
            found |= {f"{schema}.{table['name']}" for table in source["tables"]}
    return found


def test_the_lake_holds_every_source_as_it_is(demo: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    outcome = demo.lifecycle("export", "--lake", str(folder))
    assert outcome.returncode == 0, outcome.stderr
    about = json.loads((folder / "lake.json").read_text())
    assert set(about["tables"]) == _declared_sources()
    assert (about["as_of"], about["variables"]["systems"]) == ("2026-01-01", ["demo"])
    with demo.private() as private, duckdb.connect() as lake:
        for table, rows in about["tables"].items():
            schema, name = table.split(".")
            file = folder / schema / name / f"{name}.parquet"
            types = private.execute(f"describe {table}").fetchall()
            expected = [(n, "VARCHAR" if kind == "HUGEINT" else kind) for n, kind, *_ in types]
            found = lake.execute(f"describe from '{file}'").fetchall()
            assert [(n, kind) for n, kind, *_ in found] == expected, table
            columns = ", ".join(f'"{n}"' for n, kind, *_ in types if kind != "HUGEINT")
            ours = private.execute(f"select {columns} from {table} order by all").fetchall()
            assert lake.execute(f"select {columns} from '{file}' order by all").fetchall() == ours
            assert rows == len(ours)
    assert sum(about["tables"].values()) > 1000


def test_only_this_user_reads_it(demo: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    assert demo.lifecycle("export", "--lake", str(folder)).returncode == 0
    modes = {
        path.is_dir(): stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]
    }
    assert all(
        stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
        for path in [folder, *folder.rglob("*")]
    ), modes
    assert (folder / "ingest" / "pseudonym_key" / "pseudonym_key.parquet").exists()


def test_an_old_lake_is_replaced_and_anything_else_left_alone(
    demo: Installation, tmp_path: Path
) -> None:
    folder = tmp_path / "lake"
    assert demo.lifecycle("export", "--lake", str(folder)).returncode == 0
    (folder / "raw_demo" / "gone").mkdir()
    assert demo.lifecycle("export", "--lake", str(folder)).returncode == 0
    assert not (folder / "raw_demo" / "gone").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]
    mine = tmp_path / "lake" / "raw_demo"
    outcome = demo.lifecycle("export", "--lake", str(mine))
    assert outcome.returncode == 1
    assert "something else" in outcome.stderr
    assert any(mine.iterdir())


def test_forecasts_that_were_never_made_are_not_asked_for(
    demo: Installation, new_installation: NewInstallation, tmp_path: Path
) -> None:
    copy = demo.copied_to(new_installation())
    with duckdb.connect(str(copy.home / "warehouse.duckdb")) as connection:
        connection.execute("drop schema forecast cascade")
    outcome = copy.lifecycle("export", "--lake", str(tmp_path / "lake"))
    assert outcome.returncode == 0, outcome.stderr
    about = json.loads((tmp_path / "lake" / "lake.json").read_text())
    left_out = _declared_sources() - set(about["tables"])
    assert left_out
    assert {table.split(".")[0] for table in left_out} == {"forecast"}


def test_without_a_warehouse_it_is_refused(demo: Installation, tmp_path: Path) -> None:
    outcome = demo.lifecycle("export", "--lake", HOME=str(tmp_path / "empty"))
    assert outcome.returncode == 1
    assert "no private warehouse" in outcome.stderr
    assert demo.lifecycle("export").returncode == 2
