"""The baseline (bare DuckDB) as one Python process: a new DuckDB file, the input tables of one source, the
marts, and the marts as Parquet beside it. Belongs here: nothing that the measured process could do without.
Does not belong here: measuring, or any rule.

Usage: run.py INPUT FOLDER SOURCE SEEDS [--key-file FILE] [--as-of DAY] [--memory LIMIT]"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
# In this order: a file reads tables that earlier ones wrote.
MARTS = ("reference", "core", "stages", "care", "strength", "customers", "identity", "drivers", "loss",
         "stage_tables", "stage_reports", "forecast", "value", "engagement")  # fmt: skip
# The sources, each with its reporting currency.
CURRENCIES = {"complete_journey": "USD", "generic": "EUR"}
STORAGE_VERSION = "v1.0.0"  # as the product's served file
BLOCK = 64


def scripts(source: str) -> list[Path]:
    """The SQL of a source: its input tables, then the marts."""
    return [HERE / "inputs" / f"{source}.sql", *(HERE / "marts" / f"{name}.sql" for name in MARTS)]


def thresholds(seeds: str) -> dict[str, str]:
    """Every threshold of the reference seeds, by name, as it is written there."""
    with (Path(seeds) / "thresholds.csv").open(newline="") as file:
        return {row["threshold"]: row["value"] for row in csv.DictReader(file)}


def padded_keys(key: bytes) -> tuple[str, str]:
    """The inner and outer key of HMAC-SHA256 (RFC 2104) as SQL blobs, for keys of up to 64 bytes."""
    block = key.ljust(BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in block) for pad in (0x36, 0x5C))
    return f"unhex('{inner.hex()}')", f"unhex('{outer.hex()}')"


def main(source: str, folder: Path, variables: dict[str, str], memory: str | None = None) -> None:
    """Writes `folder`/marts.duckdb and `folder`/parquet/<table>/<table>.parquet.

    Args:
        source: the name of its script in `inputs/`.
        folder: exists and is empty.
        variables: SQL expressions by name: `source` and `seeds`, and what the input script is given.
        memory: DuckDB's limit; its own default when None.
    """
    limit = {"memory_limit": memory, "temp_directory": str(folder / "spill")} if memory else {}
    connection = duckdb.connect(config=limit)
    given = {"system": f"'{source}'", "currency": f"'{CURRENCIES[source]}'", **variables}
    for name, value in given.items():
        connection.execute(f"set variable {name} = {value}")
    connection.execute(
        "set TimeZone = 'UTC'; set preserve_insertion_order = false;"
        f"attach '{folder}/marts.duckdb' as marts (storage_version '{STORAGE_VERSION}'); use marts;"
    )
    for script in scripts(source):
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
    parser = argparse.ArgumentParser()
    parser.add_argument("input", choices=sorted(CURRENCIES))
    for name in ("folder", "source", "seeds"):
        parser.add_argument(name)
    for name in ("--key-file", "--as-of", "--memory"):
        parser.add_argument(name)
    chosen = parser.parse_args()
    values = {
        "source": f"'{chosen.source}'", "seeds": f"'{chosen.seeds}'", **thresholds(chosen.seeds)
    }  # fmt: skip
    if chosen.key_file:
        key = Path(chosen.key_file).read_text().strip().encode()
        values["inner_pad"], values["outer_pad"] = padded_keys(key)
    if chosen.as_of:
        values["as_of"] = f"timestamp '{chosen.as_of}'"
    main(chosen.input, Path(chosen.folder), values, chosen.memory)
