"""The comparison of two engines finds every kind of difference, and none where there is none."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from spark.compare import MartComparison, compare

MART = "core.fct_things"
ROWS = """
    select * from (values
        ('a', 1, 1.50::decimal(18, 2), 0.1::double, timestamp '2025-01-01 10:00:00', null::date),
        ('a', 1, 1.50::decimal(18, 2), 0.2::double, timestamp '2025-01-01 10:00:00', null::date),
        ('b', null, 2.00::decimal(18, 2), null::double, null::timestamp, date '2025-01-02')
    ) as things (id, number, amount, share, happened_at, day)
"""


def _compare(
    tmp_path: Path, spark_rows: str, *, written: str = MART, is_part: bool = False
) -> list[MartComparison]:
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema core")
        connection.execute(f"create table {MART} as {ROWS}")
        folder = tmp_path / "marts" / written
        folder.mkdir(parents=True)
        # As Spark writes them: several files, timestamps as moments.
        connection.execute("set TimeZone = 'UTC'")
        moments = f"select * replace (happened_at::timestamptz as happened_at) from ({spark_rows})"
        for part in (0, 1):
            connection.execute(
                f"copy (select * exclude part from (select *, row_number() over () % 2 as part "
                f"from ({moments})) where part = {part}) "
                f"to '{folder / f'part-{part}.parquet'}' (format parquet)"
            )
    marts = tmp_path / "marts"
    return compare(warehouse, marts, [written], tmp_path / "scratch", is_part=is_part)


def test_equal_in_any_order_and_number_of_files(tmp_path: Path) -> None:
    (found,) = _compare(tmp_path, f"{ROWS} order by id desc, share desc")
    assert found.is_equal
    assert (found.duckdb_rows, found.spark_rows, found.columns) == (3, 3, [])


def test_a_key_is_compared_by_its_digits(tmp_path: Path) -> None:
    digits = "00" + "9f" * 15
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(
            f"create schema core; create table core.keys as select '{digits}'::uuid as a_key"
        )
    (tmp_path / "core.keys").mkdir()
    for written, is_equal in ((digits, True), (digits.replace("9", "8"), False)):
        duckdb.sql(f"select '{written}' as a_key").write_parquet(
            str(tmp_path / "core.keys" / "part.parquet"), overwrite=True
        )
        (found,) = compare(
            tmp_path / "warehouse.duckdb", tmp_path, ["core.keys"], tmp_path / "scratch"
        )
        assert found.is_equal is is_equal, found


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        ("1.51::decimal(18, 2) as amount", ["amount"]),
        ("share + 1e-6 as share", ["share"]),
        ("case when share = 0.2 then null else share end as share", ["share"]),
        ("coalesce(number, 0) as number", ["number"]),
        ("happened_at + interval 1 microsecond as happened_at", ["happened_at"]),
        ("case id when 'b' then 'B' else id end as id", ["id"]),
    ],
)
def test_a_changed_value_is_found_and_named(
    tmp_path: Path, change: str, columns: list[str]
) -> None:
    (found,) = _compare(tmp_path, f"select * replace ({change}) from ({ROWS})")
    assert not found.is_equal
    assert found.differing > 0
    assert found.columns == columns


def test_doubles_may_differ_in_their_last_places(tmp_path: Path) -> None:
    (found,) = _compare(tmp_path, f"select * replace (share + 1e-12 as share) from ({ROWS})")
    assert found.is_equal


@pytest.mark.parametrize(
    "rows",
    [f"{ROWS} limit 2", f"{ROWS} union all (select * from ({ROWS}) limit 1)", f"{ROWS} limit 0"],
)
def test_missing_and_repeated_rows_are_found(tmp_path: Path, rows: str) -> None:
    (found,) = _compare(tmp_path, rows)
    assert not found.is_equal
    assert found.duckdb_rows != found.spark_rows
    assert found.differing > 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("* replace (amount::decimal(18, 6) as amount)", "amount is DECIMAL(18,2) on DuckDB"),
        ("* exclude day", "day is DATE on DuckDB, missing on Spark"),
        ("*, 1 as more", "more is only on Spark"),
    ],
)
def test_other_columns_are_found(tmp_path: Path, change: str, words: str) -> None:
    (found,) = _compare(tmp_path, f"select {change} from ({ROWS})")
    assert not found.is_equal
    assert words in found.trouble


def test_marts_of_one_side_are_differences(tmp_path: Path) -> None:
    found = _compare(tmp_path, ROWS, written="core.fct_others")
    assert [(mart.mart, mart.trouble) for mart in found] == [
        ("core.fct_others", "not on DuckDB"),
        (MART, "not on Spark"),
    ]


def test_of_a_part_only_what_spark_was_asked_for_is_compared(tmp_path: Path) -> None:
    (found,) = _compare(tmp_path, ROWS, is_part=True)
    assert (found.mart, found.is_equal) == (MART, True)
