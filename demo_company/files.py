"""How rows become bytes: CSV and JSON Lines, plain or gzip, with the quirks of real exports.
Belongs here: rendering, and counting what was written. Does not belong here: which file has which
quirk (`mess.py`), and the rows themselves (`exports.py`)."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from demo_company.entities import ENTITIES, entity_of
from demo_company.orders import Row

BOM = b"\xef\xbb\xbf"
NUMBERS = frozenset({"sentiment", "score", "rating", "points", "amount", "satisfaction"})
BOOLEANS = frozenset({"is_public", "is_verified"})


@dataclass(frozen=True)
class Quirk:
    """How one file differs from others: a byte order mark, lines that end in CRLF, other columns. `columns`
    are the entity's columns in the file's order; `extra` is the name of an unexpected column."""

    bom: bool = False
    line_end: str = "\n"
    columns: tuple[str, ...] = ()
    extra: str = ""


@dataclass(frozen=True)
class BadRecord:
    """A record that must be quarantined: its file, the physical line on which it starts, its record number
    (both count from 1; a CSV's header is line 1 and not a record), and the kind of reason."""

    path: str
    line: int
    record: int
    reason: str


@dataclass
class FileFacts:
    """The contents of a file: number of physical records, and how many of them are bad or were delivered
    before."""

    path: str
    records: int = 0
    quarantined: int = 0
    redelivered: int = 0


@dataclass
class Sheet:
    """One file being written."""

    facts: FileFacts
    quirk: Quirk
    stream: IO[bytes]
    lines: int = 0
    bad: list[BadRecord] = field(default_factory=list)

    @property
    def is_csv(self) -> bool:
        """Whether the file is CSV; otherwise it is JSON Lines."""
        return ".csv" in self.facts.path

    @property
    def columns(self) -> tuple[str, ...]:
        """The entity's columns that the file has, in its order."""
        return self.quirk.columns or ENTITIES[entity_of(self.facts.path)].columns

    def begin(self) -> None:
        """Writes the byte order mark and the header, if the file has them."""
        if self.quirk.bom:
            self.stream.write(BOM)
        if self.is_csv:
            header = (*self.columns, self.quirk.extra) if self.quirk.extra else self.columns
            self._write(self._csv([header]))

    def add(self, rows: Sequence[Row]) -> None:
        """Writes good rows, given in the entity's own order of columns."""
        self._write(self.render(rows))
        self.facts.records += len(rows)

    def add_bad(self, row: Row, reason: str, spoil: Callable[[bytes], bytes]) -> None:
        """Writes a bad record: a row whose bytes (without the line end) are changed by `spoil`."""
        end = self.quirk.line_end.encode()
        rendered = self.render([row]).encode().removesuffix(end)
        self.facts.records += 1
        self.facts.quarantined += 1
        bad = BadRecord(self.facts.path, self.lines + 1, self.facts.records, reason)
        self.bad.append(bad)
        self.stream.write(spoil(rendered) + end)
        self.lines += 1

    def render(self, rows: Sequence[Row]) -> str:
        """The rows in the file's format."""
        if self.quirk.columns:
            own = ENTITIES[entity_of(self.facts.path)].columns
            places = [own.index(column) for column in self.quirk.columns]
            rows = [tuple(row[place] for place in places) for row in rows]
        if self.quirk.extra:
            rows = [(*row, "yes" if row[0].endswith("7") else "no") for row in rows]
        return self._csv(rows) if self.is_csv else self._json(rows)

    def _csv(self, rows: Sequence[Row]) -> str:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator=self.quirk.line_end).writerows(rows)
        return text.getvalue()

    def _json(self, rows: Sequence[Row]) -> str:
        columns = (*self.columns, self.quirk.extra) if self.quirk.extra else self.columns
        encode = json.JSONEncoder(ensure_ascii=False).encode
        return "".join(
            encode({c: _typed(c, text) for c, text in zip(columns, row, strict=True) if text})
            + self.quirk.line_end
            for row in rows
        )

    def _write(self, text: str) -> None:
        self.stream.write(text.encode())
        self.lines += text.count("\n")


def _typed(column: str, text: str) -> str | int | float | bool:
    """The value in JSON: most are text, a few are numbers or booleans."""
    if column in NUMBERS:
        return float(text) if "." in text else int(text)
    return text == "true" if column in BOOLEANS else text


class Folder:
    """The files of one delivery, all open for writing; a context manager. Without a root, no bytes are
    written and only the facts are kept."""

    def __init__(self, root: Path | None, quirks: dict[str, Quirk]) -> None:
        self.root, self.quirks = root, quirks
        self.sheets: dict[str, Sheet] = {}
        self._open = ExitStack()

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def sheet(self, path: str) -> Sheet:
        """The file at a path under the root; opened at first use."""
        if path not in self.sheets:
            stream = self._stream(path)
            self.sheets[path] = Sheet(FileFacts(path), self.quirks.get(path, Quirk()), stream)
            self.sheets[path].begin()
        return self.sheets[path]

    def _stream(self, path: str) -> IO[bytes]:
        place = Path(os.devnull)
        if self.root is not None:
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
        plain = self._open.enter_context(place.open("wb"))
        if not path.endswith(".gz"):
            return plain
        packed = gzip.GzipFile(filename="", mode="wb", fileobj=plain, mtime=0)
        return self._open.enter_context(cast(IO[bytes], packed))
