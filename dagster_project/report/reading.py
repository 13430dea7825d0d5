"""Reads the served file for the report. Belongs here: opening it, its rows, and the stages' labels. Does not
belong here: queries of a single section (`sections/`), or the private warehouse: the report reads only what BI
tools can see, so that it can hold no personal data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.warehouse.trouble import explained

Row = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """One stage of a lifecycle, with its labels."""

    code: str
    english: str
    czech: str
    description: str


@dataclass(frozen=True)
class Served:
    """One served file, open for reading."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[Row]:
        """The rows of a query as dictionaries. Queries bind no parameter, as that would import pandas and
        pyarrow, which takes seconds in a process that needs neither."""
        cursor = self.connection.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def row(self, query: str) -> Row:
        """The one row of an aggregate."""
        (only,) = self.rows(query)
        return only

    @cached_property
    def build(self) -> Row:
        """`meta.build_info`."""
        return self.row("from meta.build_info")

    @cached_property
    def currency(self) -> str:
        """The reporting currency; empty when there is no order and no customer."""
        found = self.rows("select currency_code from core.dim_customers group by 1 order by 1")
        return str(found[0]["currency_code"]) if found else ""

    @cached_property
    def lifecycles(self) -> dict[str, list[Stage]]:
        """The stages of every lifecycle in use, in their order; `relationship` first."""
        found: dict[str, list[Stage]] = {}
        for row in self.rows(
            "from core.dim_lifecycle_stages"
            " order by lifecycle <> 'relationship', lifecycle <> 'journey', lifecycle, rank"
        ):
            found.setdefault(row["lifecycle"], []).append(
                Stage(row["stage"], row["label_en"], row["label_cs"], row["customer_description"])
            )
        return found

    def label(self, lifecycle: str, stage: str) -> str:
        """The English label of a stage."""
        return next(s.english for s in self.lifecycles[lifecycle] if s.code == stage)


@contextmanager
def opened(file: Path) -> Iterator[Served]:
    """The served file, read-only. Raises UserError when it cannot be opened or read."""
    with explained("read the served file", file):
        connection = duckdb.connect(str(file), read_only=True)
        try:
            yield Served(connection)
        finally:
            connection.close()
