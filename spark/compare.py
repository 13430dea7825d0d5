"""The proof that two engines give equal results. Belongs here: comparing every mart that Spark wrote with
DuckDB's, row for row. Does not belong here: making the marts, or showing a difference."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from dagster_project.publication import snapshot
from dagster_project.publication.snapshot import PRIVATE, Relation
from dagster_project.warehouse.sql import literal, quoted

# Sums of doubles depend on the order of their terms, which no engine guarantees.
TOLERANCE = 1e-9
Columns = dict[str, str]


@dataclass(frozen=True)
class MartComparison:
    """One mart on both engines. `differing`: number of rows of either side without an equal row on the
    other, where repeated rows count each time; `columns`: those whose values differ; `trouble`: why rows could
    not be compared."""

    mart: str
    duckdb_rows: int = 0
    spark_rows: int = 0
    differing: int = 0
    columns: list[str] = field(default_factory=list)
    trouble: str = ""

    @property
    def is_equal(self) -> bool:
        """Whether columns, types and rows are the same; doubles are compared within TOLERANCE."""
        return not self.trouble and self.differing == 0


def compare(
    warehouse: Path, written: Path, marts: list[str], scratch: Path, *, is_part: bool = False
) -> list[MartComparison]:
    """Compares every mart (`schema.name`) of the private warehouse with the folder of Parquet files
    `<written>/<schema.name>/`. A mart that only one side has is a difference. With `is_part`, marts that
    Spark did not write are left out."""
    with snapshot.session(scratch=scratch, threads=None, memory_limit=None) as connection:
        snapshot.attach_private(connection, warehouse)
        ours = {relation.label for relation in snapshot.relations(connection, PRIVATE)}
        return [
            _compare(connection, mart, mart in ours, written / mart)
            for mart in sorted(set(marts) if is_part else ours | set(marts))
        ]


def _compare(
    connection: duckdb.DuckDBPyConnection, mart: str, is_ours: bool, folder: Path
) -> MartComparison:
    files = folder / "*.parquet"
    has_files = any(folder.glob(files.name))
    if not is_ours or not has_files:
        return MartComparison(mart, trouble=f"not on {'Spark' if is_ours else 'DuckDB'}")
    schema, name = mart.split(".")
    left = f"({snapshot.served_rows(connection, Relation(schema, name))})"
    right = f"read_parquet({literal(str(files))})"
    types = _columns(connection, left)
    theirs = _columns(connection, right)
    rows = (_count(connection, left), _count(connection, right))
    if list(types.items()) != list(theirs.items()):
        return MartComparison(mart, *rows, trouble=_difference(types, theirs))
    left, right = (f"(select {_plain(types)} from {side})" for side in (left, right))
    differing = _differing(connection, left, right, types)
    columns = [
        column
        for column in (types if differing else ())
        if _differing(connection, left, right, {column: types[column]})
    ]
    return MartComparison(mart, *rows, differing, columns)


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> Columns:
    """Types by name. Parquet holds Spark's timestamps with a time zone, which is UTC."""
    found = connection.execute(f"describe select * from {relation}").fetchall()
    return {name: kind.replace(" WITH TIME ZONE", "") for name, kind, *_ in found}


def _plain(types: Columns) -> str:
    return ", ".join(
        f"cast({quoted(name)} as timestamp) as {quoted(name)}"
        if kind == "TIMESTAMP"
        else quoted(name)
        for name, kind in types.items()
    )


def _difference(ours: Columns, theirs: Columns) -> str:
    for name, kind in ours.items():
        if theirs.get(name) != kind:
            return f"column {name} is {kind} on DuckDB, {theirs.get(name, 'missing')} on Spark"
    more = [name for name in theirs if name not in ours]
    return f"column {more[0]} is only on Spark" if more else "columns are in another order"


def _differing(connection: duckdb.DuckDBPyConnection, left: str, right: str, types: Columns) -> int:
    """The number of rows of either side without a partner. Partners have equal exact values; rows that share
    these are paired in order of their doubles."""
    doubles = [quoted(name) for name, kind in types.items() if kind in ("DOUBLE", "FLOAT")]
    exact = [quoted(name) for name in types if quoted(name) not in doubles]
    if not doubles:
        names = ", ".join(exact)
        left, right = (f"select {names} from {side}" for side in (left, right))
        return _count(connection, f"({left} except all {right})") + _count(
            connection, f"({right} except all {left})"
        )
    key = f"struct_pack({', '.join(f'{name} := {name}' for name in exact)})" if exact else "0"
    sides = [
        f"(select {key} as exact, {', '.join(doubles)}, row_number() over "
        f"(partition by {key} order by {', '.join(doubles)}) as place from {side})"
        for side in (left, right)
    ]
    near = " and ".join(
        f"(ours.{name} is not distinct from theirs.{name} or coalesce(abs(ours.{name} - "
        f"theirs.{name}) <= {TOLERANCE} * greatest(1, abs(ours.{name})), false))"
        for name in doubles
    )
    return _count(
        connection,
        f"(select 1 from {sides[0]} as ours full outer join {sides[1]} as theirs "
        "on ours.exact = theirs.exact and ours.place = theirs.place "
        f"where ours.place is null or theirs.place is null or not ({near}))",
    )


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"select count(*) from {relation}").fetchone()
    assert row is not None
    return int(row[0])
