"""The lines of a text file and what is wrong with each: numpy over the bytes, block by block.
Belongs here: finding line ends, counting fields outside quotes, finding NUL bytes and invalid UTF-8,
and marking the `hard` lines, whose quotes need a parser. Does not belong here: that parser
(`quotes.py`) and the joining of lines into records (`records.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from mmap import mmap

import numpy as np
from numpy.typing import NDArray

BLOCK_BYTES = 1 << 23
NEWLINE, RETURN, QUOTE = 10, 13, 34
GOOD, NUL, NOT_UTF8, FIELDS, RETURNS, OPEN, AFTER_QUOTE, LEFT_OVER, TOO_LONG, CONTROL = range(10)

Flags = NDArray[np.bool_]
Offsets = NDArray[np.int64]


@dataclass
class Lines:
    """Parallel arrays, one element per physical line: byte offsets (`end` excludes the line end),
    number of fields, fault code (0 = good), and flags. `is_hard`: the line needs a parser."""

    start: Offsets
    end: Offsets
    fields: Offsets
    fault: NDArray[np.uint8]
    is_hard: Flags
    is_crlf: Flags


def scan_lines(data: mmap | bytes, start: int, delimiter: str | None) -> Lines:
    """The lines from byte `start` on. Without a delimiter, quotes and fields are ignored."""
    parts: list[Lines] = []
    size = len(data)
    while start < size:
        stop = min(start + BLOCK_BYTES, size)
        if stop < size:
            # Up to the end of the block's last line, or of a line that is longer than a block.
            last = data.rfind(b"\n", start, stop)
            if last < 0 and (last := data.find(b"\n", stop)) < 0:
                last = size - 1
            stop = last + 1
        parts.append(_scan_block(data[start:stop], start, delimiter))
        start = stop
    if not parts:
        parts = [_scan_block(b"", start, delimiter)]
    return Lines(*(np.concatenate([getattr(p, name) for p in parts]) for name in _FIELDS))


_FIELDS = ("start", "end", "fields", "fault", "is_hard", "is_crlf")


def _scan_block(block: bytes, offset: int, delimiter: str | None) -> Lines:
    text = np.frombuffer(block, np.uint8)
    newlines = np.flatnonzero(text == NEWLINE)
    if len(block) and block[-1] != NEWLINE:
        newlines = np.append(newlines, len(block))
    starts = np.concatenate([np.zeros(min(1, len(newlines)), np.int64), newlines[:-1] + 1])
    before = text[np.maximum(newlines - 1, 0)] if len(newlines) else text
    is_crlf = (before == RETURN) & (newlines > starts)
    ends = newlines - is_crlf
    fault = np.zeros(len(newlines), np.uint8)
    is_hard = np.zeros(len(newlines), np.bool_)
    fields = np.ones(len(newlines), np.int64)
    if delimiter is not None:
        fields, is_hard = _fields(text, block, newlines, ord(delimiter))
        if RETURN in block:
            _mark_returns(text, newlines, is_crlf, fault, is_hard)
    elif (strays := np.flatnonzero((text < 32) & (text != NEWLINE) & (text != RETURN))).size:
        # JSON text holds no raw control character; a tab between two tokens is allowed.
        strays = strays[text[strays] != 9]
        fault[np.searchsorted(newlines, strays)] = CONTROL
    _mark_not_utf8(block, starts, ends, fault)
    if b"\0" in block:
        fault[np.searchsorted(newlines, np.flatnonzero(text == 0))] = NUL
    return Lines(starts + offset, ends + offset, fields, fault, is_hard, is_crlf)


def _fields(
    text: NDArray[np.uint8], block: bytes, newlines: Offsets, delimiter: int
) -> tuple[Offsets, Flags]:
    """Fields per line, and whether a line holds quotes that do not simply enclose a whole field."""
    count = len(newlines)
    delimits = np.flatnonzero(text == delimiter)
    line_of = np.searchsorted(newlines, delimits)
    is_hard = np.zeros(count, np.bool_)
    if QUOTE in block:
        quotes = np.flatnonzero(text == QUOTE)
        quote_line = np.searchsorted(newlines, quotes)
        per_line = np.bincount(quote_line, minlength=count)
        first = np.cumsum(per_line) - per_line
        opens = (np.arange(len(quotes)) - first[quote_line]) % 2 == 0
        # An opening quote follows a delimiter or a line end; a closing quote precedes one. Either may
        # also be half of a doubled quote.
        padded = np.concatenate([[NEWLINE], text, [NEWLINE]])
        neighbour = np.where(opens, padded[quotes], padded[quotes + 2])
        plain = (neighbour == delimiter) | (neighbour == NEWLINE) | (neighbour == QUOTE)
        plain |= ~opens & (neighbour == RETURN)
        is_hard[quote_line[~plain]] = True
        is_hard |= per_line % 2 == 1
        inside = (np.searchsorted(quotes, delimits) - first[line_of]) % 2 == 1
        line_of = line_of[~inside]
    return 1 + np.bincount(line_of, minlength=count), is_hard


def _mark_returns(
    text: NDArray[np.uint8],
    newlines: Offsets,
    is_crlf: Flags,
    fault: NDArray[np.uint8],
    is_hard: Flags,
) -> None:
    """Marks carriage returns that do not end a line. A line that also holds quotes needs a parser."""
    returns = np.flatnonzero(text == RETURN)
    strays = np.setdiff1d(returns, newlines[is_crlf] - 1, assume_unique=True)
    lines = np.unique(np.searchsorted(newlines, strays))
    has_quote = np.zeros(len(newlines), np.bool_)
    has_quote[np.searchsorted(newlines, np.flatnonzero(text == QUOTE))] = True
    is_hard[lines[has_quote[lines]]] = True
    fault[lines[~has_quote[lines]]] = RETURNS


def _mark_not_utf8(block: bytes, starts: Offsets, ends: Offsets, fault: NDArray[np.uint8]) -> None:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        for line, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            try:
                block[start:end].decode("utf-8")
            except UnicodeDecodeError:
                fault[line] = NOT_UTF8
