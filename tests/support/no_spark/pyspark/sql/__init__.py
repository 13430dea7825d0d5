"""A session on an empty database: every statement gives no rows and no columns."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any


class Row(tuple[Any, ...]):
    """A row; there are none."""


class DataFrame:
    """The result of any statement."""

    schema = SimpleNamespace(fields=[])

    def collect(self) -> list[Row]:
        """No rows."""
        return []

    def take(self, count: int) -> list[Row]:
        """No rows."""
        return []


class SparkSession:
    """A session, and its own builder."""

    @classmethod
    def enableHiveSupport(cls) -> type[SparkSession]:  # noqa: N802 - Spark's name
        """As Spark's."""
        return cls

    @classmethod
    def config(cls, name: str, value: str) -> type[SparkSession]:
        """As Spark's."""
        return cls

    @classmethod
    def getOrCreate(cls) -> SparkSession:  # noqa: N802 - Spark's name
        """As Spark's."""
        return cls()

    def sql(self, statement: str) -> DataFrame:
        """An empty result for every statement."""
        return DataFrame()


SparkSession.builder = SparkSession  # type: ignore[attr-defined]
