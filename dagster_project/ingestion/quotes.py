"""A parser of one delimited record. Belongs here: exactly what DuckDB's strict reader accepts as a
record, including quotes inside an unquoted field (`5" pipe`) and blanks around a quoted one. Does
not belong here: records whose quotes simply enclose whole fields; they need no parser."""

from __future__ import annotations

from dataclasses import dataclass
from mmap import mmap

from dagster_project.ingestion.lines import AFTER_QUOTE, GOOD, NEWLINE, OPEN, QUOTE, RETURN, RETURNS

BLANK = 32


@dataclass
class Parsed:
    """A parsed record.

    Attributes:
        end: byte offset of the last byte that was parsed.
        fields: number of fields found.
        fault: a code of `lines.py`.
        has_stray_quote: whether an unquoted field holds a quote.
    """

    end: int
    fields: int
    fault: int
    has_stray_quote: bool = False


def parse_record(data: mmap | bytes, start: int, limit: int, delimiter: int) -> Parsed:
    """Parses the record that begins at byte offset `start`. Its quotes may span several lines, up to
    the offset `limit`."""
    size = len(data)
    parsed = Parsed(start, 0, GOOD)
    at, line_end = start, -1
    while True:
        parsed.fields += 1
        begin = at
        if line_end < at:
            line_end = data.find(b"\n", at)
            line_end = size if line_end < 0 else line_end
        while at < size and data[at] == BLANK:
            at += 1
        if at < size and data[at] == QUOTE:
            at = _closing_quote(data, at, min(size, limit))
            if at < 0:
                return Parsed(start, parsed.fields, OPEN)
            parsed.end = at
            at += 1
            while at < size and data[at] == BLANK:
                at += 1
        else:
            at = data.find(bytes([delimiter]), begin, line_end)
            at = line_end if at < 0 else at
            field = data[begin:at]
            if (stray := field.find(b"\r")) >= 0 and not _ends_line(data, begin + stray):
                return Parsed(begin + stray, parsed.fields, RETURNS)
            parsed.has_stray_quote = parsed.has_stray_quote or b'"' in field
        if at >= size or data[at] == NEWLINE or _ends_line(data, at):
            parsed.end = max(parsed.end, at - 1)
            return parsed
        if data[at] != delimiter:
            fault = RETURNS if data[at] == RETURN else AFTER_QUOTE
            return Parsed(at, parsed.fields, fault)
        at += 1


def _closing_quote(data: mmap | bytes, opening: int, limit: int) -> int:
    """Offset of the quote that closes the one at `opening`; -1 when there is none."""
    at = data.find(b'"', opening + 1, limit)
    while at >= 0 and at + 1 < limit and data[at + 1] == QUOTE:
        at = data.find(b'"', at + 2, limit)
    return at


def _ends_line(data: mmap | bytes, at: int) -> bool:
    return data[at] == RETURN and (at + 1 >= len(data) or data[at + 1] == NEWLINE)
