"""Any mixture of good and bad records: exactly the bad ones are quarantined, with their bytes and
lines, and every good one arrives as it was written."""

import tempfile
from datetime import datetime
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagster_project.ingestion import Column, Entity, Format, Source, ingest

NOTES = Format("notes", {"notes": Entity("notes", tuple(Column(n, "text") for n in "abc"))})
# A quoted text begins with a letter: after an open quote, `,"",` of the next record would be a
# valid end of it, and no reader could detect that.
plain = st.text(st.sampled_from("xyzč 5'#\\"), min_size=1, max_size=6).map(lambda t: "p" + t + "p")
awkward = st.text(st.sampled_from('xč,;"\n\r\t '), max_size=8).map(lambda t: "q" + t + "q")


def in_quotes(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


good = st.lists(
    st.one_of(
        plain.map(lambda text: (text, text)),
        awkward.map(lambda text: (text, in_quotes(text))),
        st.just((None, "")),
    ),
    min_size=3,
    max_size=3,
).map(lambda fields: ([value for value, _ in fields], ",".join(f for _, f in fields).encode()))
bad = st.sampled_from(
    [
        b"b,b",
        b"b",
        b"b,b,b,",
        b'b,"b,b,b',
        b'b,b,"b',
        b'"b"b,b,b',
        b'b,"b"" b"b,b',
        b"b,\x00,b",
        b'"b\n\xff",b,b',
        b"\xc5,b,b",
        b"b\rb,b,b",
        b'"b\nb",b,b,b',
    ]
).map(lambda raw: (None, raw))


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    records=st.lists(st.one_of(good, good, bad), min_size=1, max_size=12),
    newline=st.sampled_from([b"\n", b"\r\n"]),
    gaps=st.lists(st.booleans(), min_size=12, max_size=12),
    is_ended=st.booleans(),
)
def test_exactly_the_bad_records_are_quarantined(
    records: list[tuple[list[str | None] | None, bytes]],
    newline: bytes,
    gaps: list[bool],
    is_ended: bool,
) -> None:
    content = b"a,b,c"
    expected_bad, expected_good = [], []
    for number, ((values, raw), gap) in enumerate(zip(records, gaps, strict=False), start=1):
        content += newline * (1 + gap)
        line = content.count(b"\n") + 1
        content += raw
        if values is None:
            expected_bad.append((line, number, raw))
        else:
            expected_good.append((number, *values))
    content += newline * is_ended
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        (Path(folder) / "notes.csv").write_bytes(content)
        source = Source("s", NOTES, Path(folder))
        (load,) = ingest(connection, source, build_id="b", loaded_at=datetime(2026, 1, 1))
        assert load.physical_records == len(records)
        found_bad = connection.execute(
            "select line_number, record_number, raw_bytes from ingest.quarantine order by 2"
        ).fetchall()
        found_good = connection.execute(
            "select _source_row, a, b, c from raw_s.notes order by 1"
        ).fetchall()
    assert found_bad == expected_bad
    assert found_good == expected_good
