"""The plain SQL limit as one Python process: opens a new DuckDB file, runs complete_journey.sql in it and
writes its tables as Parquet beside it. Belongs here: nothing that the measured process could do
without. Does not belong here: measuring (`bench/complete_journey.py`), or any rule.

Usage: run.py FOLDER SOURCE SEEDS KEY-FILE [THREADS]"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

SCRIPT = Path(__file__).with_name("complete_journey.sql")
STORAGE_VERSION = "v1.0.0"  # as the product's served file
BLOCK = 64


def padded_keys(key: bytes) -> tuple[str, str]:
    """The inner and outer key of HMAC-SHA256 (RFC 2104) as SQL blobs, for keys of up to 64 bytes."""
    block = key.ljust(BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in block) for pad in (0x36, 0x5C))
    return f"unhex('{inner.hex()}')", f"unhex('{outer.hex()}')"


def main(folder: Path, source: str, seeds: str, key: bytes, threads: int | None) -> None:
    """Writes `folder`/marts.duckdb and `folder`/parquet/<table>/<table>.parquet."""
    inner, outer = padded_keys(key)
    connection = duckdb.connect(config={"threads": threads} if threads else {})
    connection.execute(
        f"set variable source = '{source}'; set variable seeds = '{seeds}';"
        f"set variable inner_pad = {inner}; set variable outer_pad = {outer};"
        f"attach '{folder}/marts.duckdb' as marts (storage_version '{STORAGE_VERSION}'); use marts;"
    )
    connection.execute(SCRIPT.read_text())
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where not temporary order by all"
    ).fetchall()
    for schema, table in tables:
        (folder / "parquet" / table).mkdir(parents=True)
        connection.execute(
            f"copy {schema}.{table} to '{folder}/parquet/{table}/{table}.parquet'"
            " (format parquet, compression zstd)"
        )
    connection.execute("use memory; detach marts")
    connection.close()


if __name__ == "__main__":
    folder, source, seeds, key_file, *threads = sys.argv[1:]
    main(
        Path(folder),
        source,
        seeds,
        Path(key_file).read_text().strip().encode(),
        int(threads[0]) if threads else None,
    )
