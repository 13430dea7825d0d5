"""How many records a text file holds, independently of DuckDB. Belongs here: one streaming pass of
numpy over the bytes, and unpacking a compressed file. Does not belong here: where records lie or
what is wrong with them (`records.py`)."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dagster_project.ingestion.delivery import RejectionError
from dagster_project.ingestion.files import DeliveredFile

CHUNK_BYTES = 1 << 22
NEWLINE, RETURN, QUOTE = 10, 13, 34


@dataclass(frozen=True)
class Count:
    """What one pass over the bytes finds.

    Attributes:
        records: records, each ended by a newline outside quotes; the header counts, blank lines do not.
        delimiters: delimiters outside quotes.
        is_open: whether the file ends inside quotes.
        has_nul: whether the file holds a NUL byte.
    """

    records: int
    delimiters: int
    is_open: bool
    has_nul: bool


def count_records(path: Path, delimiter: str) -> Count:
    """Counts records and delimiters; the quote character is `"`. Memory use does not depend on the
    file's size."""
    records = delimiters = inside = 0
    has_nul = False
    before = bytes([0, NEWLINE])
    for chunk in _chunks(path):
        has_nul = has_nul or b"\0" in chunk
        text = np.frombuffer(before + chunk, np.uint8)
        fresh = text[2:]
        newlines, delimits = fresh == NEWLINE, fresh == ord(delimiter)
        if b'"' in chunk:
            quotes = (fresh == QUOTE).view(np.uint8)
            parity = np.bitwise_xor.accumulate(quotes) ^ np.uint8(inside)
            outside = parity == 0
            newlines, delimits = newlines & outside, delimits & outside
            after = int(parity[-1])
        else:
            after = inside
        if b'"' in chunk or not inside:
            ends = np.flatnonzero(newlines)
            last, second = text[ends + 1], text[ends]
            blank = (last == NEWLINE) | ((last == RETURN) & (second == NEWLINE))
            records += len(ends) - int(np.count_nonzero(blank))
            delimiters += int(np.count_nonzero(delimits))
        inside = after
        before = (before + chunk)[-2:]
    # The last record may lack its newline, or its closing quote.
    if inside or (before[1] != NEWLINE and before != bytes([NEWLINE, RETURN])):
        records += 1
    return Count(records, delimiters, bool(inside), has_nul)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def unpack(file: DeliveredFile, target: Path) -> None:
    """Writes the unpacked bytes of a compressed file to `target`. Raises RejectionError, with as
    many records as could be unpacked, when the file is truncated or corrupt."""
    try:
        with _open_packed(file) as packed, target.open("wb") as plain:
            # Piece by piece, so that all that comes before any damage is counted.
            while chunk := packed.read1(CHUNK_BYTES):
                plain.write(chunk)
    except (EOFError, gzip.BadGzipFile, zlib.error, _UnpackError):
        readable = count_records(target, ",").records if target.exists() else 0
        raise RejectionError(
            f"the {file.compression} file is truncated or corrupt; deliver it again",
            physical=max(0, readable - (file.reader == "csv")),
        ) from None


class _UnpackError(Exception):
    """A zstandard stream that cannot be unpacked."""


class _Zstandard:
    """A zstandard stream as a file; pyarrow is loaded only when there is one."""

    def __init__(self, path: Path) -> None:
        import pyarrow

        # Opened here first, so that a missing permission is an OSError of its own.
        path.open("rb").close()
        self._stream = pyarrow.input_stream(str(path), compression="zstd")

    def read1(self, size: int) -> bytes:
        try:
            return bytes(self._stream.read(size))
        except OSError:
            raise _UnpackError from None

    def __enter__(self) -> _Zstandard:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()


def _open_packed(file: DeliveredFile) -> gzip.GzipFile | _Zstandard:
    return gzip.GzipFile(file.path, "rb") if file.compression == ".gz" else _Zstandard(file.path)
