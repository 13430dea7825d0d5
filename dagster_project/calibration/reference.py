"""The thresholds as they are: `seeds/reference/thresholds.csv`. Belongs here: reading it, and writing accepted
values into it. Does not belong here: what the values should be (`proposals.py`)."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from dagster_project.errors import UserError
from dagster_project.settings import PROJECT_ROOT

THRESHOLDS_FILE = PROJECT_ROOT / "seeds" / "reference" / "thresholds.csv"


def read_thresholds(path: Path) -> dict[str, Decimal]:
    """Every threshold's value by its name. Raises UserError when the file cannot be used."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return {row["threshold"]: Decimal(row["value"]) for row in csv.DictReader(file)}
    except (OSError, KeyError, ArithmeticError) as error:
        raise UserError(
            f"The thresholds cannot be read ({type(error).__name__}).",
            where=str(path),
            todo="Restore the file from version control.",
        ) from error


def write_thresholds(path: Path, values: Mapping[str, Decimal]) -> None:
    """Replaces these values and leaves every other character of the file as it is. The file is replaced in one
    step, so that it is always whole. Raises UserError when a threshold is not in the file."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    left = dict(values)
    for number, line in enumerate(lines):
        name, _, rest = line.partition(",")
        if name in left:
            _, _, after = rest.partition(",")
            lines[number] = f"{name},{left.pop(name):f},{after}"
    if left:
        raise UserError(
            f"No such threshold: {', '.join(sorted(left))}.",
            where=str(path),
            todo="Restore the file from version control.",
        )
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text("".join(lines), encoding="utf-8")
    draft.replace(path)
