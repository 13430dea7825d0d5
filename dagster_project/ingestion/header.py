"""The header line of a delimited text file. Belongs here: finding it, detecting its delimiter and its
line end, and refusing what is no header. Does not belong here: which columns an entity needs
(`delivery.py`)."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from dagster_project.ingestion.delivery import RejectionError

HEADER_BYTES = 1 << 20
DELIMITERS = (",", ";", "\t", "|")
# A spreadsheet's first line that names the delimiter.
SEPARATOR_LINE = re.compile(rb'"?sep=([,;|\t])"?\r?\n', re.IGNORECASE)
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Header:
    """A header line.

    Attributes:
        names: column names as delivered.
        end: byte offset of the first line after the header.
        lines: number of physical lines before that offset.
        records: number of records before that offset: the header, and a line `sep=;` above it.
        newline: the line end, LF or CRLF.
    """

    names: tuple[str, ...]
    delimiter: str
    newline: str
    end: int
    lines: int
    records: int = 1


def read_header(path: Path) -> Header:
    """Reads the first record that is not blank. Raises RejectionError when the file is empty, is not
    text, or the record cannot be a header."""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    if not head:
        raise RejectionError("the file is empty; deliver it again, with its header line")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RejectionError("the file is UTF-16; save it as UTF-8")
    start = len(BOM) if head.startswith(BOM) else 0
    while head[start : start + 1] == b"\n" or head[start : start + 2] == b"\r\n":
        start += 1 if head[start : start + 1] == b"\n" else 2
    separator = SEPARATOR_LINE.match(head, start)
    start = separator.end() if separator else start
    end = _end_of_record(head, start)
    record = head[start:end]
    if not record.strip():
        raise RejectionError("the file holds blank lines only; deliver it again")
    text = _text(record.rstrip(b"\r\n"))
    outside = "".join(text.split('"')[::2])
    delimiter = max(DELIMITERS, key=outside.count)
    if separator:
        delimiter = separator[1].decode()
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise RejectionError("the header line has a wrong quote in it; correct it") from None
    newline = "\r\n" if record.endswith(b"\r\n") else "\n"
    lines = head[:end].count(b"\n")
    return Header(tuple(names), delimiter, newline, end, lines, 2 if separator else 1)


def _end_of_record(head: bytes, start: int) -> int:
    at = start
    while (newline := head.find(b"\n", at)) >= 0:
        if head.count(b'"', start, newline) % 2 == 0:
            return newline + 1
        at = newline + 1
    if len(head) == HEADER_BYTES or head.count(b'"', start) % 2:
        raise RejectionError("the file does not begin with a header line; is it a text file?")
    return len(head)


def _text(record: bytes) -> str:
    try:
        text = record.decode("utf-8")
    except UnicodeDecodeError:
        raise RejectionError("the header line is not UTF-8; save the file as UTF-8") from None
    if any(ord(character) < 32 and character not in "\t\r\n" for character in text):
        raise RejectionError("the file is not text; deliver CSV, JSON Lines or Parquet")
    if "\r" in text and "\n" not in text:
        raise RejectionError("its lines end in a carriage return alone; save it with LF or CRLF")
    return text
