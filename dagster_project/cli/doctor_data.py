"""Examinations of the pipeline's own files: key, deliveries, private warehouse, served folder.
Belongs here: what can be seen without changing anything. Does not belong here: the quality of the
data (the checks of a build)."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import yaml

from dagster_project.cli.findings import Finding, counted, fail, ok, size, warn
from dagster_project.cli.reading import opened, rows
from dagster_project.cli.summary import stopped
from dagster_project.errors import BusyError, UserError
from dagster_project.publication import layout
from dagster_project.publication.served import served_builds
from dagster_project.publication.snapshot import quoted
from dagster_project.settings import PROJECT_ROOT, Settings
from dagster_project.warehouse.log import log_of

DECLARATIONS = PROJECT_ROOT / "dagster_project" / "defs" / "ingestion"


def key(settings: Settings) -> Iterator[Finding]:
    """Does the key of the pseudonyms exist, readable for its owner alone?"""
    path = settings.home / "pii.key"
    if settings.pii_key is not None:
        yield ok("key", "from LIFECYCLE_PII_KEY")
    elif not path.exists() and settings.warehouse_path.exists():
        todo = "Bring the key back from a backup; without it every customer_id changes."
        yield warn("key", f"{path} is missing beside a warehouse", todo)
    elif not path.exists():
        yield ok("key", f"{path} (made by the first build)")
    elif (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
        found = f"others can open {path} (mode {mode:04o})"
        yield fail("key", found, f"Run: chmod 600 {path}")
    else:
        yield ok("key", f"{path}, mode 0600")


def landing(settings: Settings) -> Iterator[Finding]:
    """Does every system have a folder, and which entities are in it?"""
    from dagster_project.ingestion.files import Source, delivered_files
    from dagster_project.ingestion.formats import load_format

    for system in settings.systems:
        subject = f"landing {system}"
        try:
            declared = _declaration(system)
            folder = _source_folder(settings, system, declared)
            if folder is None:
                found = f"the package {declared['package']} is not installed"
                todo = f"Run `make build` with LIFECYCLE_SYSTEMS={system}, or install the extra."
                yield fail(subject, found, todo)
                continue
            source = Source(
                system=system,
                format=load_format(declared.get("format", "generic")),
                folder=folder,
                ignored=tuple(declared.get("ignored", ())),
            )
            files = Counter(file.entity for file in delivered_files(source))
            number = counted(files.total(), "file")
            yield ok(subject, f"{', '.join(files)} ({number} in {folder})")
        except UserError as error:
            yield fail(subject, f"{error.what} ({error.where})", error.todo)


def warehouse(settings: Settings) -> Iterator[Finding]:
    """Can the private warehouse be read, and if not, which process holds it?"""
    path = settings.warehouse_path
    if not path.exists():
        yield warn("warehouse", f"{path} does not exist yet", "Run `lifecycle build`.")
        return
    try:
        with opened(path) as connection:
            ((tables,),) = rows(connection, "select count(*) from duckdb_tables()")
    except BusyError as error:
        yield warn(
            "warehouse",
            error.what,
            "If a build is running, wait for it; else close what has the file open.",
        )
    except UserError as error:
        todo = "Move the file away and build again from the deliveries, or restore a backup."
        yield fail("warehouse", error.what, todo)
    else:
        yield ok("warehouse", f"{size(path.stat().st_size)}, {tables} tables")


def served_file(settings: Settings) -> Iterator[Finding]:
    """Can readers read what was published, by the names in the documentation?"""
    served = settings.served_folder
    try:
        builds = served_builds(served)
        current = next((build for build in builds if build.is_current), None)
        if current is None:
            found = f"nothing is published in {served}"
            yield warn("served", found, "Run `lifecycle build`.")
            return
        log = log_of(current.folder / layout.DATABASE)
        if log.exists():  # reported by `leftovers`; opening the file would replay it
            return
        with opened(served / "lifecycle.duckdb") as connection:
            counts = {
                label: rows(connection, f"select count(*) from {_by_two_names(label)}")[0][0]
                for label in current.row_counts
            }
    except UserError as error:
        yield fail(
            "served",
            f"{error.what} ({error.where})",
            "Run `lifecycle rollback` or `lifecycle build`.",
        )
    except duckdb.Error as error:
        found = f"a table cannot be read: {str(error).splitlines()[0]}"
        yield fail("served", found, "Run `lifecycle rollback`, then `lifecycle build`.")
    else:
        wrong = [label for label, count in counts.items() if count != current.row_counts[label]]
        if wrong:
            found = f"{wrong[0]} has {counts[wrong[0]]} rows, {current.row_counts[wrong[0]]} were published"
            yield fail("served", found, "Run `lifecycle rollback`, then `lifecycle build`.")
        else:
            found = f"build {current.build_id}, as of {current.as_of}, {len(counts)} tables"
            yield ok("served", f"{found}; {counted(len(builds), 'build')} kept")


def freshness(settings: Settings) -> Iterator[Finding]:
    """Had every feed delivered up to the end of the published build, by its own rhythm?"""
    file = settings.served_folder / layout.READ_NAME
    if not file.exists() or log_of(file.resolve()).exists():
        return  # reported by `served_file` and `leftovers`
    try:
        with opened(file) as connection:
            silent = stopped(connection)
    except (UserError, duckdb.Error):  # reported by `served_file`
        return
    for sentence in silent:
        todo = "Ask the source's owner; when it delivers again, the next build counts it."
        yield warn("freshness", sentence, todo)
    if not silent:
        yield ok("freshness", "no feed has stopped")


def leftovers(settings: Settings) -> Iterator[Finding]:
    """Is there a write-ahead log that readers would replay, or an unfinished build?"""
    served = settings.served_folder
    folders = [path for path in (served / layout.BUILDS).glob("*") if path.is_dir()]
    # DuckDB resolves the fixed link and does not look beside it; other clients may.
    files = [*(folder / layout.DATABASE for folder in folders), served / "lifecycle.duckdb"]
    found_logs = [log for log in map(log_of, files) if log.exists()]
    for path in found_logs:
        todo = "Find the process that writes to served files, then remove the log: readers would replay it."
        yield fail("leftovers", str(path), todo)
    unfinished = [path for path in folders if path.name.startswith(layout.UNFINISHED)]
    if unfinished:
        found = f"{counted(len(unfinished), 'unfinished build')} in {served / layout.BUILDS}"
        yield warn("leftovers", found, "Nothing to do: the next build that publishes removes them.")
    if not found_logs and not unfinished:
        yield ok("leftovers", "no write-ahead log, nothing unfinished")


def _by_two_names(label: str) -> str:
    """`"schema"."table"`: as BI tools write it. A catalog named like a schema would make it ambiguous."""
    schema, name = label.split(".", 1)
    return f"{quoted(schema)}.{quoted(name)}"


def _declaration(system: str) -> dict[str, Any]:
    path = DECLARATIONS / system / "defs.yaml"
    declared: Any = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    attributes = declared.get("attributes") if isinstance(declared, dict) else None
    return attributes if isinstance(attributes, dict) else {}


def _source_folder(settings: Settings, system: str, declared: dict[str, Any]) -> Path | None:
    inside = declared.get("folder") or ""
    if not declared.get("package"):
        return settings.landing_folder(system) / inside
    found = find_spec(declared["package"])
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / inside
