"""The lake: the models' sources as Parquet, so that another engine can run the models. Belongs here: which
tables it holds, their files, and replacing an old lake by a new one. Does not belong here: running the models
on it (`spark/`).

    <lake>/lake.json                          its content, date and settings
    <lake>/<schema>/<table>/<table>.parquet   every source of the dbt project

Raw records name people, and the table `ingest.pseudonym_key` holds the key of their pseudonyms. So folders are
created with mode 0700 and files with mode 0600."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import progress
from dagster_project.errors import UserError
from dagster_project.settings import Settings
from dagster_project.transformation.manifest import read_manifest
from dagster_project.transformation.project import dbt_variables
from dagster_project.warehouse import Warehouse, WriterLock
from dagster_project.warehouse.sql import literal, quoted
from dagster_project.warehouse.trouble import explained

ABOUT = "lake.json"
LAYOUT = 1
STEP = "export"
FORECAST = "forecast"
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


@dataclass(frozen=True)
class Lake:
    """A written lake. `as_of`: date of the last finished build of the models, None without one;
    `rows`: number of rows by table (`schema.table`)."""

    folder: Path
    as_of: date | None
    rows: dict[str, int]

    @property
    def bytes(self) -> int:
        """Size of all files, in bytes."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())


def export_lake(settings: Settings, folder: Path) -> Lake:
    """Writes every source of the dbt project from the private warehouse to `folder`. An existing lake
    is replaced in one rename. Raises UserError when there is no warehouse, when `folder` holds something
    other than a lake, or when the disk fails; raises BusyError while a build is writing. The old lake is
    then unchanged."""
    _check_place(folder)
    warehouse = Warehouse(settings)
    if not warehouse.path.is_file():
        raise UserError(
            "There is no private warehouse to export from.",
            where=str(warehouse.path),
            todo="Run `lifecycle build`; check LIFECYCLE_HOME.",
        )
    wanted = source_tables(read_manifest(settings))
    draft = folder.with_name(f".unfinished-{folder.name}")
    # The lock keeps builds out while the warehouse is open. Where its folder is read-only, no build can run.
    lock = WriterLock(settings.lock_path) if os.access(settings.home, os.W_OK) else nullcontext()
    with lock, progress.step(STEP), explained("export the lake", folder):
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=PRIVATE_FOLDER, parents=True)
        try:
            with warehouse.connect(read_only=True) as connection:
                as_of = _last_as_of(connection)
                present = _tables(connection)
                rows = {}
                for number, (schema, table) in enumerate(wanted):
                    progress.advance(STEP, number, len(wanted))
                    if (schema, table) not in present:
                        if schema == FORECAST:  # not built yet; the other engine computes its own
                            continue
                        raise UserError(
                            f"The warehouse has no table {schema}.{table}, which models read.",
                            where=str(warehouse.path),
                            todo="Run `lifecycle build` with this version once, then export again.",
                        )
                    rows[f"{schema}.{table}"] = _export(connection, schema, table, draft)
            _write(draft / ABOUT, _about(settings, as_of, rows))
            _swap(draft, folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    return Lake(folder, as_of, rows)


def source_tables(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """Schema and name of every source that the dbt project declares, in order."""
    return sorted({(s["schema"], s["identifier"]) for s in manifest["sources"].values()})


def _check_place(folder: Path) -> None:
    if folder.exists() and not (folder / ABOUT).exists():
        if folder.is_dir() and not any(folder.iterdir()):
            return
        raise UserError(
            "The folder for the lake holds something else.",
            where=str(folder),
            todo="Name an empty or a new folder, or one with an earlier lake.",
        )


def _last_as_of(connection: duckdb.DuckDBPyConnection) -> date | None:
    """The date of the last build that completed all models."""
    if ("meta", "incremental_state") not in _tables(connection):
        return None
    row = connection.execute(
        "select as_of from meta.incremental_state where phase = 'complete'"
    ).fetchone()
    return row[0] if row else None


def _tables(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    found = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
    return {(schema, table) for schema, table in found}


def _export(connection: duckdb.DuckDBPyConnection, schema: str, table: str, folder: Path) -> int:
    """Writes one table with the column types of raw. Returns its number of rows."""
    source = f"{quoted(schema)}.{quoted(table)}"
    # Parquet has no 128-bit integer; text keeps every digit. Models do not read these columns.
    picked = ", ".join(
        f"cast({quoted(name)} as varchar) as {quoted(name)}" if "HUGEINT" in kind else quoted(name)
        for name, kind, *_ in connection.execute(f"describe {source}").fetchall()
    )
    file = folder / schema / table / f"{table}.parquet"
    for made in (file.parent.parent, file.parent):
        made.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    file.touch(mode=PRIVATE_FILE)  # before there is anything to read
    row = connection.execute(
        f"copy (select {picked} from {source}) "
        f"to {literal(str(file))} (format parquet, compression zstd)"
    ).fetchone()
    file.chmod(PRIVATE_FILE)
    assert row is not None
    return int(row[0])


def _about(settings: Settings, as_of: date | None, rows: dict[str, int]) -> str:
    about = {
        "layout": LAYOUT,
        "as_of": as_of.isoformat() if as_of else None,
        "variables": dbt_variables(settings),
        "tables": rows,
    }
    return json.dumps(about, indent=1) + "\n"


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "w") as file:
        file.write(text)


def _swap(draft: Path, folder: Path) -> None:
    """Replaces the old lake by the new one. A crash between the two renames leaves both complete."""
    old = folder.with_name(f".old-{folder.name}")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    draft.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
