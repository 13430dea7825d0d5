"""Counting and finding the records of a text file, compared with Python's csv module and on crafted
bytes."""

import csv
import io
from pathlib import Path

import pytest

from dagster_project.ingestion import count, lines, records
from dagster_project.ingestion.delivery import RejectionError
from dagster_project.ingestion.header import read_header

GOOD_FILES = [
    b"a,b,c\n1,2,3\n4,5,6",
    b"a,b,c\r\n1,2,3\r\n\r\n4,5,6\r\n",
    b'a,b,c\n1,"x\ny",3\n\n\n4,"5 ""six"", 7",6\n',
    b'a,b,c\r\n1,"x\r\n\r\ny",3\r\n4,"","q"\r\n',
    b'a,b,c\n"1","2,\n3","4"\n"","",""\n',
    b'a,b,c\n1,5" pipe,3\n1,6" pipe,3\n',
    b"\xef\xbb\xbfa,b,c\n\n1,\xc5\x99,3\n",
]


def parsed_by_csv(content: bytes) -> list[list[str]]:
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [row for row in rows if row][1:]


@pytest.mark.parametrize("content", GOOD_FILES)
@pytest.mark.parametrize("chunk_bytes", [1, 3, 1 << 20])
def test_the_scan_finds_what_csv_finds(
    content: bytes, chunk_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "BLOCK_BYTES", chunk_bytes)
    monkeypatch.setattr(count, "CHUNK_BYTES", chunk_bytes)
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    expected = parsed_by_csv(content)
    header = read_header(path)
    found = records.scan_records(content, header.end, header.lines + 1, ",", 3)
    assert found.faults() == []
    raw = [text.decode() for _, text in found.raw(range(1, len(found) + 1))]
    assert [next(csv.reader(io.StringIO(text, newline=""))) for text in raw] == expected
    records.write_clean(found, path)
    assert parsed_by_csv(b"a,b,c\n" + path.read_bytes()) == expected


@pytest.mark.parametrize("content", GOOD_FILES[:5])
@pytest.mark.parametrize("chunk_bytes", [1, 2, 5, 1 << 20])
def test_the_count_is_csvs_count(
    content: bytes, chunk_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(count, "CHUNK_BYTES", chunk_bytes)
    (tmp_path / "file.csv").write_bytes(content)
    counted = count.count_records(tmp_path / "file.csv", ",")
    assert counted.records == len(parsed_by_csv(content)) + 1
    assert counted.delimiters == 2 * counted.records
    assert not counted.is_open
    assert not counted.has_nul


@pytest.mark.parametrize(
    ("body", "bad"),
    [
        (b"1,2,3\n4,5\n6,7,8\n", {2: (3, b"4,5", "2 fields, the header has 3")}),
        (b"1,2,3\n4,5,6,\n", {2: (3, b"4,5,6,", "4 fields, the header has 3")}),
        (b"1,\x00,3\n4,5,6\n", {1: (2, b"1,\x00,3", "a NUL byte")}),
        (b"1,\xff,3\n4,5,6\n", {1: (2, b"1,\xff,3", "not UTF-8")}),
        (b'1,"\xff\nx",3\n4,5,6\n', {1: (2, b'1,"\xff\nx",3', "not UTF-8")}),
        (b'1,"x"y,3\n4,5,6\n', {1: (2, b'1,"x"y,3', "text after a closing quote")}),
        (b"1,2\r,3\n4,5,6\n", {1: (2, b"1,2\r,3", "a carriage return outside quotes")}),
        (b'1,2\r,"3"\n4,5,6\n', {1: (2, b'1,2\r,"3"', "a carriage return outside quotes")}),
        (b'1,"x,3\n4,5,6\n', {1: (2, b'1,"x,3', "a quote that is never closed")}),
        # The open quote of line 2 ends in the good line 5, whose own quotes are whole.
        (
            b'1,"x,3\n4,5,6\n\n7,"ok",8\n"9","mul\nti",0\n',
            {1: (2, b'1,"x,3', "text after a closing quote")},
        ),
        # Together they have four fields, and the good line between them would be lost.
        (
            b'1,"x,3\n4,5,6\n7,8",9,0\n',
            {1: (2, b'1,"x,3', "a quote that is never closed"), 3: (4, b'7,8",9,0', "4 fields")},
        ),
        # Together they have four fields, and nothing is lost by keeping them together.
        (b'1,"x\ny",3,4\n5,6,7\n', {1: (2, b'1,"x\ny",3,4', "4 fields, the header has 3")}),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 1 << 20])
def test_bad_records_are_separated_from_good_ones(
    body: bytes,
    bad: dict[int, tuple[int, bytes, str]],
    block_bytes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "BLOCK_BYTES", block_bytes)
    content = b"a,b,c\n" + body
    found = records.scan_records(content, 6, 2, ",", 3)
    faults = {fault.record_number: fault for fault in found.faults()}
    assert faults.keys() == bad.keys()
    for number, (line, raw, reason) in bad.items():
        assert (faults[number].line_number, faults[number].raw) == (line, raw)
        assert faults[number].reason.startswith(reason)
    assert len(found) == len(faults) + len(found.good_numbers)


def test_a_clean_file_has_one_kind_of_line_end(tmp_path: Path) -> None:
    content = b'1,2\r\n3,4\n5\n6,"a\r\nb"\r\n7,8\r\n'
    found = records.scan_records(content, 0, 1, ",", 2)
    records.write_clean(found, tmp_path / "clean.csv")
    assert (tmp_path / "clean.csv").read_bytes() == b'1,2\n3,4\n6,"a\r\nb"\n7,8\n'


@pytest.mark.parametrize(
    ("content", "names", "delimiter", "newline"),
    [
        (b"a;b\n1;2\n", ("a", "b"), ";", "\n"),
        (b'"a,1"\tb\r\n', ("a,1", "b"), "\t", "\r\n"),
        (b"\xef\xbb\xbf\n\nA|b |\n", ("A", "b ", ""), "|", "\n"),
        (b"alone", ("alone",), ",", "\n"),
    ],
)
def test_a_header_is_read(
    content: bytes, names: tuple[str, ...], delimiter: str, newline: str, tmp_path: Path
) -> None:
    (tmp_path / "file.csv").write_bytes(content)
    header = read_header(tmp_path / "file.csv")
    assert (header.names, header.delimiter, header.newline) == (names, delimiter, newline)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\r\n", "blank lines only"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"a,\xe1\n", "not UTF-8"),
        (b"PK\x03\x04,\n", "not text"),
        (b"a,b\r1,2\r", "carriage return alone"),
        (b'a,"b\n1,2\n', "does not begin with a header"),
        (b'a,"b"c\n', "wrong quote"),
    ],
)
def test_what_is_no_header_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_bytes(content)
    with pytest.raises(RejectionError, match=message):
        read_header(tmp_path / "file.csv")
