"""Where the records of a text file begin and end, and which are bad. Belongs here: joining lines
into records, the parser for the few lines whose quotes are not plain, and copying the good records
to a clean file. Does not belong here: finding the lines (`lines.py`), reading values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dagster_project.ingestion.delivery import Fault
from dagster_project.ingestion.lines import (
    AFTER_QUOTE,
    CONTROL,
    FIELDS,
    GOOD,
    LEFT_OVER,
    NOT_UTF8,
    NUL,
    OPEN,
    RETURNS,
    TOO_LONG,
    Lines,
    scan_lines,
)
from dagster_project.ingestion.quotes import parse_record

MAX_RECORD_BYTES = 1 << 23
RUN_RECORDS = 1 << 16
REASONS = {
    NUL: "a NUL byte",
    NOT_UTF8: "not UTF-8",
    RETURNS: "a carriage return outside quotes",
    OPEN: "a quote that is never closed",
    AFTER_QUOTE: "text after a closing quote",
    LEFT_OVER: "a quote left over from a line above that did not close its own",
    TOO_LONG: f"longer than {MAX_RECORD_BYTES} bytes",
    CONTROL: "a control character",
}


@dataclass
class Records:
    """Parallel arrays, one element per record, without blank lines: byte offsets (`end` excludes the
    line end), 1-based physical line, number of fields, fault code (0 = good), and kind of line end."""

    data: mmap | bytes
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    line: NDArray[np.int64]
    fields: NDArray[np.int64]
    fault: NDArray[np.uint8]
    is_crlf: NDArray[np.bool_]
    is_joined: NDArray[np.bool_]
    width: int

    def __len__(self) -> int:
        return len(self.start)

    @property
    def good_numbers(self) -> NDArray[np.int64]:
        """The 1-based numbers of the good records."""
        return np.flatnonzero(self.fault == GOOD) + 1

    def raw(self, numbers: Sequence[int]) -> list[tuple[int | None, bytes]]:
        """Line number and bytes of the records of the given 1-based numbers."""
        return [
            (int(self.line[n - 1]), bytes(self.data[int(self.start[n - 1]) : int(self.end[n - 1])]))
            for n in numbers
        ]

    def faults(self) -> list[Fault]:
        """The bad records, each with its bytes and a reason."""
        numbers = (np.flatnonzero(self.fault != GOOD) + 1).tolist()
        found = zip(numbers, self.raw(numbers), strict=True)
        return [Fault(n, line, raw, self._reason(n - 1)) for n, (line, raw) in found]

    def _reason(self, record: int) -> str:
        code = int(self.fault[record])
        if code == FIELDS:
            return f"{int(self.fields[record])} fields, the header has {self.width}"
        return REASONS[code]


def scan_records(
    data: mmap | bytes, start: int, first_line: int, delimiter: str | None, width: int
) -> Records:
    """The records from byte `start`, which begins physical line `first_line`. `width` is the
    header's number of fields; without a delimiter every line is one record, of any content."""
    lines = scan_lines(data, start, delimiter)
    if delimiter is not None:
        lines.fault[(lines.fault == GOOD) & ~lines.is_hard & (lines.fields != width)] = FIELDS
    keep = lines.end > lines.start
    is_joined = np.zeros(len(keep), np.bool_)
    if delimiter is not None:
        _join(data, lines, keep, is_joined, ord(delimiter), width)
    lines.fault[lines.end - lines.start > MAX_RECORD_BYTES] = TOO_LONG
    numbers = np.arange(first_line, first_line + len(keep), dtype=np.int64)
    return Records(
        data=data,
        start=lines.start[keep],
        end=lines.end[keep],
        line=numbers[keep],
        fields=lines.fields[keep],
        fault=lines.fault[keep],
        is_crlf=lines.is_crlf[keep],
        is_joined=is_joined[keep],
        width=width,
    )


def _join(
    data: mmap | bytes,
    lines: Lines,
    keep: NDArray[np.bool_],
    is_joined: NDArray[np.bool_],
    delimiter: int,
    width: int,
) -> None:
    """Parses the hard lines in order. A record whose quotes span several lines is joined when it then
    has the header's width, or when no good line is lost by it. Otherwise its first line alone is bad,
    and the lines after it are parsed on their own."""
    next_line, left_over = 0, -1
    for line in np.flatnonzero(lines.is_hard).tolist():
        if line < next_line:
            continue
        begin = int(lines.start[line])
        parsed = parse_record(data, begin, begin + MAX_RECORD_BYTES, delimiter)
        last = int(np.searchsorted(lines.start, max(parsed.end, begin), side="right")) - 1
        if parsed.fault == GOOD and parsed.fields != width:
            parsed.fault = FIELDS
            followers = slice(line + 1, last + 1)
            lost = keep[followers] & ~lines.is_hard[followers] & (lines.fault[followers] == GOOD)
            if lost.any():
                parsed.fault = OPEN
        if parsed.fault in (GOOD, FIELDS):
            if parsed.fault == GOOD and line == left_over and parsed.has_stray_quote:
                parsed.fault = LEFT_OVER
            # A NUL or an invalid byte in any of its lines makes the whole record bad.
            of_bytes = [f for f in lines.fault[line : last + 1].tolist() if f in (NUL, NOT_UTF8)]
            worst = max(of_bytes, default=GOOD)
            lines.fault[line] = worst or parsed.fault
            lines.fields[line] = parsed.fields
            lines.end[line], lines.is_crlf[line] = lines.end[last], lines.is_crlf[last]
            keep[line + 1 : last + 1] = False
            is_joined[line] = last > line
            next_line = last + 1
            continue
        lines.fault[line] = lines.fault[line] or parsed.fault
        if last > line:
            left_over = last


def write_clean(records: Records, target: Path) -> None:
    """Writes the good records to `target`, each ended by a newline. Carriage returns before the newline
    are dropped; those inside quotes are kept. Runs of adjacent records are copied at once."""
    good = records.fault == GOOD
    if not good.any():
        target.write_bytes(b"")
        return
    numbers = np.flatnonzero(good)
    # A run ends where a record is left out, the line end changes, or a record spans several lines.
    kind = np.where(records.is_joined, 2, records.is_crlf.astype(np.int8))[numbers]
    gap = (np.diff(numbers) > 1) | (np.diff(kind) != 0) | (kind[1:] == 2)
    gap |= np.diff(records.line[numbers]) > 1
    gap |= np.arange(1, len(numbers)) % RUN_RECORDS == 0
    firsts = np.concatenate([[0], np.flatnonzero(gap) + 1])
    lasts = np.concatenate([firsts[1:] - 1, [len(numbers) - 1]])
    with target.open("wb") as file:
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
            run = records.data[int(records.start[numbers[first]]) : int(records.end[numbers[last]])]
            file.write(run.replace(b"\r\n", b"\n") if kind[first] == 1 else run)
            file.write(b"\n")
