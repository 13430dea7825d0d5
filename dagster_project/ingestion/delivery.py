"""What a reader hands to the loader. Belongs here: the types shared by the readers, column naming,
and the check that required columns are there. Does not belong here: any file format."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dagster_project.ingestion.formats import METADATA_COLUMNS, Entity

MAX_COLUMNS = 2000


class RejectionError(Exception):
    """A whole delivery cannot be used.

    Attributes:
        reason: why, and what to do about it; holds no value of a record.
        physical: number of records it holds, as far as is known.
        columns: names of its columns, as far as they are known.
    """

    def __init__(self, reason: str, *, physical: int = 0, columns: Sequence[str] = ()) -> None:
        self.reason, self.physical, self.columns = reason, physical, tuple(columns)
        super().__init__(reason)


@dataclass(frozen=True)
class Fault:
    """One record that is not accepted: its 1-based record number, its 1-based physical line (None
    where a file has no lines), its bytes as delivered, and the reason, which holds no value."""

    record_number: int
    line_number: int | None
    raw: bytes
    reason: str


@dataclass
class Reading:
    """A delivery read into the temporary table `staged_records`.

    Attributes:
        columns: staged columns in order, with their DuckDB types.
        physical: records in the file, counted without DuckDB's reader.
        faults: records that could not be read at all.
        record_numbers: record number of each staged row in order; None means 1, 2, 3 …
        raw_records: line number and bytes of the records of the given numbers.
    """

    columns: dict[str, str]
    physical: int
    raw_records: Callable[[Sequence[int]], list[tuple[int | None, bytes]]]
    faults: list[Fault] = field(default_factory=list)
    record_numbers: NDArray[np.int64] | None = None


def column_name(delivered: str, position: int, renames: Mapping[str, str]) -> str:
    """The raw column for a delivered name: trimmed, in lower case, then renamed. A column without a
    name is numbered by its 1-based position."""
    name = delivered.strip().lower() or f"column_{position}"
    return {old.strip().lower(): new for old, new in renames.items()}.get(name, name)


def check_columns(
    names: Sequence[str], entity: Entity, *, physical: int, delivered: Sequence[str] = ()
) -> None:
    """Raises RejectionError when names clash, or when a required column is not among them. `delivered` are
    the names as they were delivered, where they may differ."""
    # With hardly any known name, the "header" may be a record, one of whose values happens to equal a column's
    # name. The values of a record must not reach the ledger.
    known = [name for name in names if name in entity.column_names]
    is_header = len(known) > 1 or any(name in entity.required for name in known)
    shown = list(names) if is_header else []

    def reject(reason: str) -> RejectionError:
        return RejectionError(reason, physical=physical, columns=shown)

    if len(names) > MAX_COLUMNS:
        raise reject(f"more than {MAX_COLUMNS} columns; is this {entity.name}?")
    missing = [name for name in entity.required if name not in names]
    if missing and not is_header:
        raise reject(
            f"no column of {entity.name} found: the file has no header line, or is another "
            f"entity's; deliver a header with at least {', '.join(entity.required)}"
        )
    if missing:
        nearest = [difflib.get_close_matches(name, names, n=1) for name in missing]
        hints = "".join(
            f"; is {near[0]} meant to be {name}?"
            for name, near in zip(missing, nearest, strict=True)
            if near and near[0] not in entity.column_names
        )
        raise reject(
            f"required column missing: {', '.join(missing)}{hints}; found: "
            f"{', '.join(names)}; deliver it, or map its name under `renames`"
        )
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        spelled = zip(delivered or names, names, strict=True)
        as_delivered = [f"`{each.strip()}`" for each, name in spelled if name in repeated]
        shown_as = f" (as {', '.join(as_delivered)})" if len(set(as_delivered)) > 1 else ""
        raise reject(f"column delivered twice: {', '.join(repeated)}{shown_as}; keep one of them")
    reserved = [name for name in names if name in METADATA_COLUMNS or name == "rowid"]
    if reserved:
        raise reject(f"{', '.join(reserved)} is a name of the loader's own; rename it")
