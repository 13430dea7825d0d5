"""Publication writes whole builds, and leaves nothing behind when it fails. Every build here has its number
in every table, so that a mixture would show."""

from __future__ import annotations

import stat
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.errors import BusyError, UserError
from dagster_project.publication import layout, served, snapshot, verify
from dagster_project.publication.publish import publish
from dagster_project.publication.report_types import BuildInfo, PublishedBuild
from dagster_project.warehouse.builds import (
    fail_if_running,
    record_as_of,
    record_failure,
    record_published,
    start_build,
)

MARTS = ("core.dim_customers", "lifecycle.customers_in_lost", "value.fct_customer_rfm")


def build_info(number: int) -> BuildInfo:
    return BuildInfo(
        build_id=f"build-{number}",
        as_of=date(2025, 1, number),
        started_at=datetime(2025, 1, number, 2),
        built_at=datetime(2025, 1, number, 2, 0, 30, 500_000),
        code_version="0.1.0+gabc",
        systems=("demo",),
    )


def make_warehouse(path: Path, number: int = 1) -> Path:
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        for schema in ("core", "lifecycle", "value", "care", "ingest", "meta", "raw_demo"):
            connection.execute(f"create schema {schema}")
        for mart in MARTS:
            connection.execute(
                f"create table {path.stem}.{mart} as "
                f"select {number} as build_number, 'é''\"' as note from range({number * 10})"
            )
        connection.execute(
            f"create table core.fct_orders as select {number} as build_number where false"
        )
        connection.execute(
            f"create view care.fct_care_actions as select {number} as build_number, "
            "sum(1) as big from range(3)"
        )
        connection.execute("create table raw_demo.contacts as select 'a@example.org' as email")
        connection.execute(
            "create table ingest.loads as select 'l1' as load_id, 'demo' as system, "
            "'orders' as entity, 'orders.csv' as location, 10 as physical_records, "
            "8 as accepted_records, 1 as quarantined_records, 1 as redelivered_records, "
            "'loaded' as status, timestamp '2024-12-31 10:00' as newest_record_at "
            "union all by name select 'l2' as load_id, 'other' as system"
        )
        connection.execute(
            "create table meta.data_quality_results as select * from (values "
            f"('build-{number}', 's', 'c1', 'core.x', true, '1', 'error', now()::timestamp), "
            f"('build-{number}', 's', 'c2', 'core.x', false, '1', 'warn', now()::timestamp), "
            "('older', 's', 'c3', 'core.x', false, '1', 'error', now()::timestamp)) as results("
            "build_id, suite, check_name, relation, passed, observed, severity, checked_at)"
        )
    return path


def publish_number(folder: Path, number: int, **options: Any) -> PublishedBuild:
    warehouse = make_warehouse(folder / "warehouse.duckdb", number)
    options.setdefault("comments", {})
    return publish(warehouse, folder / "served", build=build_info(number), threads=2, **options)


def numbers_served(folder: Path) -> set[int]:
    """The build numbers a reader finds in DuckDB and in Parquet."""
    served_folder = folder / "served"
    found: set[int] = set()
    with duckdb.connect(str(served_folder / "lifecycle.duckdb"), read_only=True) as connection:
        for mart in MARTS:
            sources = (mart, f"'{served_folder}/parquet/{mart.split('.')[1]}/*.parquet'")
            for source in sources:
                rows = connection.execute(f"select distinct build_number from {source}").fetchall()
                found |= {row[0] for row in rows}
    return found


def test_keys_are_served_as_their_digits(tmp_path: Path) -> None:
    digits = "00" + "9f" * 15
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            f"create table core.fct_reviews as select '{digits}'::uuid as customer_id, 1 as rating"
            " union all select null, 2"
        )
    publish(warehouse, tmp_path / "served", build=build_info(1), comments={})
    parquet = tmp_path / "served" / "parquet" / "fct_reviews" / "*.parquet"
    with duckdb.connect(
        str(tmp_path / "served" / "lifecycle.duckdb"), read_only=True
    ) as served_file:
        for source in ("core.fct_reviews", f"'{parquet}'"):
            rows = served_file.execute(
                f"select customer_id, typeof(customer_id), rating from {source} order by rating"
            ).fetchall()
            assert rows == [(digits, "VARCHAR", 1), (None, "VARCHAR", 2)]


def test_what_readers_get(tmp_path: Path) -> None:
    built = publish_number(
        tmp_path,
        2,
        comments={
            "core.dim_customers": ("One row per 'customer'.", {"NOTE": "A note.", "no": "x"})
        },
    )
    assert built.is_current and built.sequence == 1 and built.build_id == "build-2"
    assert built.row_counts["core.dim_customers"] == 20
    file = tmp_path / "served" / "lifecycle.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        # Would be "Ambiguous reference to catalog or schema" in a file named like the schema.
        assert len(connection.execute("select * from lifecycle.customers_in_lost").fetchall()) == 20
        assert connection.execute("select * from care.fct_care_actions").fetchall() == [(2, 3)]
        info = connection.execute(
            "select build_id, as_of, published, systems, input_load_count, passed_check_count, "
            "failed_check_count, warned_check_count, duration_seconds from meta.build_info"
        ).fetchall()
        assert info == [("build-2", date(2025, 1, 2), True, "demo", 1, 1, 0, 1, 30.5)]
        loads = connection.execute("select load_id, system, status from meta.loads").fetchall()
        assert loads == [("l1", "demo", "loaded")]
        schemas = {
            row[0]
            for row in connection.execute(
                "select schema_name from duckdb_schemas() where not internal"
            ).fetchall()
        }
        assert schemas >= {"core", "lifecycle", "value", "engagement", "care", "meta"}
        assert not {"raw_demo", "ingest"} & schemas
        comments = connection.execute(
            "select comment from duckdb_tables() where table_name = 'dim_customers' "
            "union all select comment from duckdb_columns() where column_name = 'note' "
            "and table_name = 'dim_customers'"
        ).fetchall()
        assert comments == [("One row per 'customer'.",), ("A note.",)]
        undescribed = connection.execute(
            "select table_name, column_name from duckdb_columns() "
            "where table_name = 'build_info' and comment is null"
        ).fetchall()
        assert undescribed == []
    assert numbers_served(tmp_path) == {2}
    folder = tmp_path / "served" / "parquet" / "fct_orders"
    assert duckdb.sql(f"select count(*) from '{folder}/*.parquet'").fetchone() == (0,)
    # A 128-bit sum keeps its digits in Parquet instead of becoming a DOUBLE.
    care = tmp_path / "served" / "parquet" / "fct_care_actions"
    assert duckdb.sql(f"select typeof(big) from '{care}/*.parquet'").fetchone() == (
        "DECIMAL(38,0)",
    )


def test_no_two_builds_have_a_parquet_file_of_one_name(tmp_path: Path) -> None:
    """DuckDB opens a file twice for one query; a switch in between would mix two files' bytes."""
    builds = [publish_number(tmp_path, number).folder for number in (1, 2, 2)]
    names = [{path.name for path in build.rglob("*.parquet")} for build in builds]
    assert all(len(one) == len(names[0]) > 0 for one in names)
    assert len(set.union(*names)) == sum(map(len, names))


def test_files_are_read_only_and_nothing_is_left(tmp_path: Path) -> None:
    folder = publish_number(tmp_path, 1).folder
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != layout.MARKER]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o444}
    names = {path.name for path in (tmp_path / "served").rglob("*")}
    assert not [name for name in names if name.startswith(layout.UNFINISHED)]
    assert not [name for name in names if name.endswith((".wal", ".tmp")) or name == ".scratch"]


def test_attach_needs_the_full_name_or_another_alias(tmp_path: Path) -> None:
    publish_number(tmp_path, 1)
    file = tmp_path / "served" / "lifecycle.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{file}' (read_only)")
        rows = connection.execute("select * from lifecycle.lifecycle.customers_in_lost").fetchall()
        assert len(rows) == 10
    with duckdb.connect() as connection:
        connection.execute(f"attach '{file}' as warehouse (read_only)")
        connection.execute("use warehouse")
        assert len(connection.execute("from lifecycle.customers_in_lost").fetchall()) == 10


def test_an_open_reader_keeps_its_build_and_a_new_one_gets_the_next(tmp_path: Path) -> None:
    publish_number(tmp_path, 1)
    file = str(tmp_path / "served" / "lifecycle.duckdb")
    with duckdb.connect(file, read_only=True) as old:
        publish_number(tmp_path, 2, keep=1)
        with duckdb.connect(file, read_only=True) as new:
            query = "select distinct build_number from core.dim_customers"
            assert new.execute(query).fetchall() == [(2,)]
            assert old.execute(query).fetchall() == [(1,)]


def test_old_builds_are_kept_and_swept(tmp_path: Path) -> None:
    for number in range(1, 6):
        publish_number(tmp_path, number, keep=2)
    builds = served.served_builds(tmp_path / "served")
    assert [build.build_id for build in builds] == ["build-5", "build-4", "build-3"]
    assert [build.sequence for build in builds] == [5, 4, 3]
    assert [build.is_current for build in builds] == [True, False, False]
    served.sweep(tmp_path / "served", keep=1)
    assert {path.name for path in (tmp_path / "served" / "builds").iterdir()} == {
        "build-5", "build-4"}  # fmt: skip


def test_rollback_goes_back_one_by_one_or_to_a_build(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        publish_number(tmp_path, number)
    folder = tmp_path / "served"
    assert served.rollback(folder).build_id == "build-2"
    assert numbers_served(tmp_path) == {2}
    assert served.rollback(folder).build_id == "build-1"
    with pytest.raises(UserError, match="no older build"):
        served.rollback(folder)
    assert served.rollback(folder, to="build-3").build_id == "build-3"
    with pytest.raises(UserError, match="more than one build build"):
        served.rollback(folder, to="build")
    with pytest.raises(UserError, match="no build nope"):
        served.rollback(folder, to="nope")
    assert numbers_served(tmp_path) == {3}
    served.rollback(folder)
    # A build published after a rollback is the newest, and the one rolled back from is kept.
    publish_number(tmp_path, 4)
    assert [build.build_id for build in served.served_builds(folder)][:2] == ["build-4", "build-3"]
    assert served.rollback(folder).build_id == "build-3"


def test_a_build_of_an_earlier_day_is_kept_beside(tmp_path: Path) -> None:
    folder = tmp_path / "served"
    publish_number(tmp_path, 5)
    beside = publish_number(tmp_path, 2)
    assert (beside.build_id, beside.is_current, beside.is_dated) == ("build-2", False, True)
    assert numbers_served(tmp_path) == {5}
    dated = folder / "as_of" / "2025-01-02"
    with duckdb.connect(str(dated / "lifecycle.duckdb"), read_only=True) as connection:
        query = "select distinct build_number from lifecycle.customers_in_lost"
        assert connection.execute(query).fetchall() == [(2,)]
        query = f"select distinct build_number from '{dated}/parquet/dim_customers/*.parquet'"
        assert connection.execute(query).fetchall() == [(2,)]
    assert publish_number(tmp_path, 5).is_current, "the same day again"


def test_a_build_later_than_now_is_kept_beside_even_as_the_first(tmp_path: Path) -> None:
    late = publish_number(tmp_path, 9, latest=date(2025, 1, 8))
    assert late.is_dated and not late.is_current
    assert layout.current_folder(tmp_path / "served") is None
    assert publish_number(tmp_path, 8, latest=date(2025, 1, 8)).is_current
    assert publish_number(tmp_path, 9, latest=date(2025, 1, 8), make_current=True).is_current
    assert numbers_served(tmp_path) == {9}


def test_a_backfill_sweeps_no_build_that_was_current(tmp_path: Path) -> None:
    folder = tmp_path / "served"
    for number in (6, 7, 8):
        publish_number(tmp_path, number, keep=2)
    for number in (1, 2, 3, 4, 5, 2):
        publish_number(tmp_path, number, keep=2)
    builds = served.served_builds(folder)
    assert [b.build_id for b in builds if b.sequence] == ["build-8", "build-7", "build-6"]
    assert [b.build_id for b in builds if b.is_dated] == [
        f"build-{number}" for number in (5, 4, 3, 2, 1)
    ]
    assert next(b for b in builds if b.build_id == "build-2").folder.name == "build-2.2"
    assert len(list((folder / "builds").iterdir())) == len(builds)


def test_a_build_kept_beside_becomes_current_only_when_asked(tmp_path: Path) -> None:
    folder = tmp_path / "served"
    for number in (5, 6, 2):
        publish_number(tmp_path, number)
    assert served.rollback(folder).build_id == "build-5", "not to the one beside"
    assert served.rollback(folder, to="2025-01-02").build_id == "build-2"
    assert numbers_served(tmp_path) == {2}
    assert served.rollback(folder, to="build-6").is_current
    publish_number(tmp_path, 7, keep=1)
    kept = [build.build_id for build in served.served_builds(folder)]
    assert kept == ["build-7", "build-2", "build-6"], "the date is kept besides"


def test_a_date_is_given_up_by_removing_its_link(tmp_path: Path) -> None:
    for number in (5, 2, 3):
        publish_number(tmp_path, number)
    (tmp_path / "served" / "as_of" / "2025-01-02").unlink()
    publish_number(tmp_path, 6)
    builds = tmp_path / "served" / "builds"
    assert sorted(path.name for path in builds.iterdir()) == ["build-3", "build-5", "build-6"]


def test_rollback_before_any_publication(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Nothing was published"):
        served.rollback(tmp_path / "served")


def test_the_same_build_again(tmp_path: Path) -> None:
    publish_number(tmp_path, 1)
    again = publish_number(tmp_path, 1)
    assert again.folder.name == "build-1.2" and again.is_current
    assert numbers_served(tmp_path) == {1}


def test_leftovers_of_a_crash_are_swept(tmp_path: Path) -> None:
    publish_number(tmp_path, 1)
    builds = tmp_path / "served" / "builds"
    (builds / f"{layout.UNFINISHED}dead" / "parquet").mkdir(parents=True)
    (builds / "never-visible").mkdir()
    (tmp_path / "served" / f"{layout.UNFINISHED}current").symlink_to("builds/dead")
    (builds / "build-1" / layout.MARKER).unlink()  # died between the switch and the record
    publish_number(tmp_path, 2)
    assert sorted(path.name for path in builds.iterdir()) == ["build-1", "build-2"]
    assert [b.sequence for b in served.served_builds(tmp_path / "served")] == [2, 1]
    assert not (tmp_path / "served" / f"{layout.UNFINISHED}current").is_symlink()


def test_a_published_build_survives_trouble_while_tidying(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_number(tmp_path, 1)

    def fail_late(served_folder: Path, keep: int | None) -> list[str]:
        if keep is not None:
            raise PermissionError(13, "no")
        return []

    monkeypatch.setattr(served, "sweep_locked", fail_late)
    assert publish_number(tmp_path, 2).is_current


@pytest.mark.thorough
def test_nothing_is_half_published_when_a_step_fails(tmp_path: Path) -> None:
    publish_number(tmp_path, 1)
    before = sorted(str(path) for path in (tmp_path / "served").rglob("*"))
    steps: list[str] = []
    (tmp_path / "other").mkdir()
    publish_number(tmp_path / "other", 1, on_step=steps.append)
    for step in steps[: steps.index("switched")]:

        def fail(name: str, step: str = step) -> None:
            if name == step:
                raise OSError(28, "No space left on device")

        with pytest.raises(UserError, match="no space left"):
            publish_number(tmp_path, 2, on_step=fail)
        assert sorted(str(path) for path in (tmp_path / "served").rglob("*")) == before, step
        assert numbers_served(tmp_path) == {1}


def test_what_cannot_be_published(tmp_path: Path) -> None:
    folder = tmp_path / "served"
    options: dict[str, Any] = {"build": build_info(1), "comments": {}}
    with pytest.raises(UserError, match="no private warehouse"):
        publish(tmp_path / "warehouse.duckdb", folder, **options)
    assert not folder.exists()
    with duckdb.connect(str(tmp_path / "empty.duckdb")):
        pass
    with pytest.raises(UserError, match="no marts"):
        publish(tmp_path / "empty.duckdb", folder, **options)
    (tmp_path / "text.duckdb").write_text("not a database" * 1000)
    with pytest.raises(UserError, match="Could not open the private warehouse"):
        publish(tmp_path / "text.duckdb", folder, **options)
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb")
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="a file is in the way"):
        publish(warehouse, tmp_path / "file", **options)
    with pytest.raises(UserError, match="Could not prepare the served folder"):
        publish(warehouse, Path("/proc/served"), **options)
    with pytest.raises(UserError, match="cannot be the name of a folder"):
        publish(
            warehouse,
            folder,
            build=BuildInfo(
                "../x", date(2025, 1, 1), datetime(2025, 1, 1), datetime(2025, 1, 1), ""
            ),
            comments={},
        )
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table value.dim_customers as select 1")
        with pytest.raises(BusyError, match="still has the file open"):
            publish(warehouse, folder, **options)
    with pytest.raises(UserError, match="Two served tables are called dim_customers"):
        publish(warehouse, folder, **options)
    assert list((folder / "builds").iterdir()) == []
    assert served.served_builds(folder) == []


@pytest.mark.parametrize("name", ["lifecycle.duckdb", "parquet", "current"])
def test_something_else_in_the_place_of_a_link(tmp_path: Path, name: str) -> None:
    (tmp_path / "served" / name).mkdir(parents=True)
    with pytest.raises(UserError, match="not the link that publication made"):
        publish_number(tmp_path, 1)


def test_two_publications_at_once(tmp_path: Path) -> None:
    publish_number(tmp_path, 1)
    with layout.only_one(tmp_path / "served"), pytest.raises(BusyError, match="publishing"):
        publish_number(tmp_path, 2)
    assert numbers_served(tmp_path) == {1}


def test_verification_notices_what_is_missing(tmp_path: Path) -> None:
    folder = publish_number(tmp_path, 1).folder
    warehouse = tmp_path / "warehouse.duckdb"
    parquet = layout.parquet_file(folder, "dim_customers")
    verify.verify(folder, warehouse)
    parquet.rename(tmp_path / "kept")
    with pytest.raises(UserError, match="Parquet file is missing"):
        verify.verify(folder, warehouse)
    duckdb.sql("select 1 as build_number, 'x' as note").write_parquet(str(parquet))
    with pytest.raises(UserError, match=r"Parquet of core\.dim_customers differs"):
        verify.verify(folder, warehouse)
    (tmp_path / "kept").replace(parquet)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("insert into core.dim_customers values (1, 'x')")
    with pytest.raises(UserError, match="has 10 rows, not 11"):
        verify.verify(folder, warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table core.dim_products as select 1 as x")
    with pytest.raises(UserError, match=r"core\.dim_products is missing"):
        verify.verify(folder, warehouse)
    (folder / f"{layout.DATABASE}.wal").write_text("")
    with pytest.raises(UserError, match="write-ahead log"):
        verify.verify(folder, warehouse)


def test_builds_are_recorded(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        when = datetime(2025, 1, 1)
        assert start_build(connection, "a", started_at=when, systems=("demo", "generic")) == []
        assert start_build(connection, "b", started_at=when, systems=("demo",)) == ["a"]
        record_as_of(connection, "b", date(2025, 1, 1))
        record_failure(connection, "b", "One.")
        record_failure(connection, "b", "Two.")
        record_failure(connection, "a run that is no build", "Three.")
        fail_if_running(connection, "b", finished_at=when)
        start_build(connection, "c", started_at=when, systems=("demo",))
        record_published(connection, "c", finished_at=when)
        fail_if_running(connection, "c", finished_at=when)
        rows = connection.execute(
            "select build_id, status, systems, as_of, failures from meta.builds order by 1"
        ).fetchall()
    assert rows == [
        ("a", "aborted", "demo,generic", None, None),
        ("b", "failed", "demo", date(2025, 1, 1), "One.\n\nTwo."),
        ("c", "published", "demo", None, None),
    ]


def test_relations_are_quoted(tmp_path: Path) -> None:
    assert snapshot.Relation("core", 'a"b').inside("x") == '"x"."core"."a""b"'
    assert snapshot.literal("it's") == "'it''s'"
