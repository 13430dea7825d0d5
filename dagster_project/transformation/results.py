"""How dbt's nodes went. Belongs here: the shape of a result, and reading dbt's file of them. Does not belong
here: asking dbt (`runner.py`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OK = ("success", "pass", "warn")
MAKING = ("model", "seed")  # kinds of nodes that make a table or view


@dataclass(frozen=True)
class Table:
    """What a model or seed made: its columns, with types, and how many rows; a view's are not counted, as that
    would run it."""

    columns: dict[str, str]
    rows: int | None


@dataclass(frozen=True)
class NodeResult:
    """How one model, seed or test went. `status` is dbt's; `message` is empty for tests, whose
    messages may quote values; `seconds` is wall time; `table` is what a model or seed made."""

    unique_id: str
    status: str
    seconds: float
    failures: int
    message: str
    table: Table | None = None

    @property
    def is_ok(self) -> bool:
        """Whether the node ran and nothing of error severity was found."""
        return self.status in OK


def read_results(path: Path) -> list[NodeResult]:
    """The results of dbt's last command, in the order in which they finished."""
    return [
        node_result(
            unique_id=each["unique_id"],
            status=each["status"],
            seconds=each["execution_time"],
            failures=each["failures"],
            message=each["message"],
        )
        for each in json.loads(path.read_text())["results"]
    ]


def node_result(
    *,
    unique_id: str,
    status: str,
    seconds: float | None,
    failures: int | None,
    message: str | None,
    table: dict[str, Any] | None = None,
) -> NodeResult:
    """A result by dbt's own names, in which nothing may stand for none."""
    return NodeResult(
        unique_id=unique_id,
        status=status,
        seconds=seconds or 0.0,
        failures=failures or 0,
        message="" if unique_id.startswith("test.") else message or "",
        table=Table(**table) if table else None,
    )
