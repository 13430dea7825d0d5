"""The plain SQL limit for files in the generic format, as one Python process: a new DuckDB file, the scripts in
it, its tables as Parquet beside it. Belongs here: nothing that the measured process could do without.

Usage: run_generic.py FOLDER SOURCE SEEDS AS-OF MEMORY"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

SCRIPTS = [Path(__file__).with_name(name) for name in ("generic.sql", "generic_more.sql")]
STORAGE_VERSION = "v1.0.0"  # as the product's served file


def main(folder: Path, source: str, seeds: str, as_of: str, memory: str) -> None:
    """Writes `folder`/marts.duckdb and `folder`/parquet/<table>/<table>.parquet."""
    connection = duckdb.connect(
        config={"memory_limit": memory, "temp_directory": str(folder / "spill")}
    )
    connection.execute(
        f"set variable source = '{source}'; set variable seeds = '{seeds}';"
        f"set variable as_of = timestamp '{as_of}';"
        f"attach '{folder}/marts.duckdb' as marts (storage_version '{STORAGE_VERSION}'); use marts;"
    )
    for script in SCRIPTS:
        connection.execute(script.read_text())
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
    folder, source, seeds, as_of, memory = sys.argv[1:]
    main(Path(folder), source, seeds, as_of, memory)
