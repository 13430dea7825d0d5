"""Defects of files: late, repeated and overlapping deliveries, quirks of exports, bad records. Belongs
here: where the defects are; all are placed by rule, none by chance. Does not belong here: the mess within
lives (refunds, several contact ids, ...).

Files are named by entity and position, so that this works for any span of time. A defect of a file that a
short delivery does not have is left out."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from demo_company.entities import ENTITIES, path_of
from demo_company.exports import Sheets
from demo_company.files import FileFacts, Quirk
from demo_company.orders import Row
from demo_company.plan import Plan, periods_between

OVERLAP = 25


def file_at(plan: Plan, entity: str, position: int) -> str | None:
    """The file of an entity's period, counted from 0; None if the plan is shorter."""
    periods = list(periods_between(plan, ENTITIES[entity].months))
    return path_of(entity, periods[position]) if position < len(periods) else None


def quirks(plan: Plan) -> dict[str, Quirk]:
    """The files with a quirk, by path."""
    orders, contacts = ENTITIES["orders"].columns, ENTITIES["contacts"].columns
    # orders never export external_id, so that the first file loses nothing without the column
    shorter = tuple(column for column in orders if column != "external_id")
    placed = (
        ("orders", 0, Quirk(columns=shorter)),
        ("orders", 8, Quirk(columns=orders[::-1])),
        ("orders", 13, Quirk(extra="gift_wrap")),
        ("contacts", 1, Quirk(line_end="\r\n")),
        ("contacts", 4, Quirk(columns=(*contacts[5:], *contacts[:5]))),
        ("order_lines", 2, Quirk(bom=True)),
        ("reviews", 5, Quirk(extra="was_helpful")),
    )
    found = ((file_at(plan, entity, position), quirk) for entity, position, quirk in placed)
    return {path: quirk for path, quirk in found if path is not None}


def delay(plan: Plan, sheets: Sheets) -> None:
    """Moves rows into late files: the call centre's calls and a marketplace's orders arrive months
    after their period, in files whose records are older than those of the file before."""
    for entity, column, value, position, months in (
        ("interactions", "kind", "call", 7, 3),
        ("orders", "channel", "marketplace", 2, 3),
    ):
        source = file_at(plan, entity, position)
        after = file_at(plan, entity, position + months)
        if source is None or after is None or source not in sheets:
            continue
        place = ENTITIES[entity].columns.index(column)
        late = [row for row in sheets[source] if row[place] == value]
        sheets[source] = [row for row in sheets[source] if row[place] != value]
        if late:
            stem, suffix = after.split(".", 1)
            sheets[f"{stem}_late.{suffix}"] = late


def overlap(plan: Plan, sheets: Sheets) -> dict[str, int]:
    """Repeats the last rows of one payments file in the next one, byte for byte. Returns the number of
    repeated rows per file. Rows with a newer version there are left out: payments have no `updated_at`."""
    source, target = file_at(plan, "payments", 5), file_at(plan, "payments", 6)
    if source not in sheets or target not in sheets or source is None or target is None:
        return {}
    newer = {row[0] for row in sheets[target]}
    repeated = [row for row in sheets[source] if row[0] not in newer][-OVERLAP:]
    sheets[target] = repeated + sheets[target]
    return {target: len(repeated)}


def repeat(plan: Plan, root: Path | None, facts: dict[str, FileFacts]) -> None:
    """Delivers one file of orders a second time under another name."""
    source = file_at(plan, "orders", 4)
    if source is None or source not in facts:
        return
    target = source.replace(".csv", "_again.csv")
    if root is not None:
        shutil.copyfile(root / source, root / target)
    facts[target] = replace(facts[source], path=target, redelivered=facts[source].records)


@dataclass(frozen=True)
class BadRow:
    """A bad record to write: a copy of the good row before it, with a new id, some changed columns and
    spoilt bytes. If repaired, it is one more record and changes no sum."""

    entity: str
    file_position: int
    row_position: int
    reason: str
    changed: tuple[tuple[str, str], ...] = ()
    spoil: Callable[[bytes], bytes] = bytes

    def row(self, good: Row, number: int) -> Row:
        """The row before its bytes are spoilt."""
        columns = ENTITIES[self.entity].columns
        fields = dict(zip(columns, good, strict=True))
        if self.entity != "order_lines":
            fields[columns[0]] = f"X{number:07d}"
        return tuple((fields | dict(self.changed)).values())


def _surplus(line: bytes) -> bytes:
    return line + b",surplus"


def _cut_fields(line: bytes) -> bytes:
    return line.rsplit(b",", 2)[0]


def _half(line: bytes) -> bytes:
    return line[: len(line) // 2]


def _not_utf8(line: bytes) -> bytes:
    return line.replace(b"BYTE", b"caf\xe9")


GIFT = (("line_number", "9"), ("unit_price", "0.00"), ("discount_amount", ""))
BAD_ROWS = (
    BadRow("orders", 1, 3, "wrong_field_count", (), _surplus),
    BadRow("orders", 6, 5, "wrong_field_count", (), _cut_fields),
    BadRow("orders", 10, 7, "unparseable_time", (("ordered_at", "2024-11-31T10:00:00Z"),)),
    BadRow("orders", 17, 9, "unknown_code", (("currency_code", "Euros"),)),
    BadRow("contacts", 2, 4, "missing_required", (("contact_id", ""),)),
    BadRow("contacts", 6, 6, "invalid_utf8", (("city", "BYTE"),), _not_utf8),
    BadRow("order_lines", 3, 8, "unparseable_number", (*GIFT, ("quantity", "two"))),
    BadRow("payments", 1, 10, "unparseable_number", (("amount", "12,5O"), ("status", "failed"))),
    BadRow("reviews", 2, 2, "out_of_range", (("rating", "9"),)),
    BadRow("reviews", 7, 5, "out_of_range", (("rating", "0"),)),
    BadRow("support_tickets", 4, 1, "unparseable_time", (("opened_at", "yesterday"),)),
    BadRow("interactions", 9, 20, "broken_json", (), _half),
    BadRow("interactions", 14, 30, "missing_required", (("occurred_at", ""),)),
    BadRow("interactions", 20, 11, "invalid_utf8", (("outcome", "BYTE"),), _not_utf8),
)


def bad_rows(plan: Plan) -> dict[str, tuple[int, BadRow]]:
    """The bad record of each file that has one, with its number, counted from 1."""
    found = {}
    for number, bad in enumerate(BAD_ROWS, start=1):
        path = file_at(plan, bad.entity, bad.file_position)
        if path is not None:
            found[path] = number, bad
    return found
