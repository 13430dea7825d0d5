"""Which files a system has delivered. Belongs here: the declaration of a source and the walk over
its landing folder. Does not belong here: opening a delivered file."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

from dagster_project.errors import DeliveryError
from dagster_project.ingestion.formats import Format

READERS: dict[str, str] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".parquet": "parquet",
}
# How an entity is delivered: new and changed records, the whole state, or all records of the orders it names.
# A delivery that is complete in some scope deletes what it leaves out there; a scope is made of key columns.
CHANGES = "changes"
SCOPES: dict[str, tuple[str, ...]] = {"full": (), "whole_orders": ("order_id",)}
COMPRESSIONS = (".gz", ".zst")
EXTENSIONS = "csv, tsv, jsonl, ndjson, json (one object a line) or parquet; text also .gz or .zst"


@dataclass(frozen=True)
class Source:
    """One system that delivers files.

    Attributes:
        system: name of the system; its raw schema is `raw_<system>`.
        format: what its records look like.
        folder: where its files are, `<folder>/<entity>.<ext>` or `<folder>/<entity>/**`.
        ignored: names or patterns of files and folders that are not read (`notes`, `*.tmp`).
        renames: per entity, delivered column name to the format's name.
        may_be_empty: entities whose deliveries may hold no record.
        deliveries: per entity how it is delivered, if not as changes: `full` or `whole_orders`.
        deletions_allowed: the largest share of the records that a delivery may delete by leaving them out.
        ignored_columns: per entity, unknown columns that are meant as they are.
        defaults: per entity, what an empty value of a column means.
        scales: per entity, the number that stands for five stars in a column.
        first_day: no record is older.
        days_ahead: a record may be this much later than its loading.
        where: the file that declares the source, for messages.
    """

    system: str
    format: Format
    folder: Path
    ignored: tuple[str, ...] = ()
    renames: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    may_be_empty: frozenset[str] = frozenset()
    deliveries: Mapping[str, str] = field(default_factory=dict)
    deletions_allowed: float = 0.2
    ignored_columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    defaults: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    scales: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    first_day: date = date(1995, 1, 1)
    days_ahead: int = 1
    where: str = "defs.yaml"


@dataclass(frozen=True)
class DeliveredFile:
    """One delivered file. `location` is relative to the source's folder, so that a load's id does
    not depend on the machine; `reader`: csv, json or parquet; `compression`: "", .gz or .zst."""

    entity: str
    path: Path
    location: str
    reader: str
    compression: str


def delivered_files(source: Source) -> list[DeliveredFile]:
    """Every delivered file, by entity and then by location. Raises DeliveryError, before anything
    is read, when the folder is missing or empty or holds something that no entity expects."""
    try:
        entries = sorted(os.scandir(source.folder), key=lambda entry: entry.name)
    except OSError as error:
        raise DeliveryError(
            f"The folder of system {source.system} cannot be read ({error.strerror}).",
            where=str(source.folder),
            todo=f"Create it and deliver files, for example {_expected(source)}.",
        ) from None
    found: list[DeliveredFile] = []
    for entry in entries:
        if _is_ignored(source, entry.name):
            continue
        entity = entry.name if entry.is_dir() else entry.name.split(".", 1)[0]
        if entity.lower() not in source.format.entities:
            raise _unknown(source, entry.name, entity)
        paths = _walk(source, Path(entry.path)) if entry.is_dir() else [Path(entry.path)]
        found += [_delivered(source, entity.lower(), path) for path in paths]
    if not found:
        raise DeliveryError(
            f"System {source.system} has delivered no file.",
            where=str(source.folder),
            todo=f"Deliver files, for example {_expected(source)}.",
        )
    order = list(source.format.entities)
    return sorted(found, key=lambda file: (order.index(file.entity), file.location))


def _walk(source: Source, folder: Path) -> list[Path]:
    paths: list[Path] = []
    seen: set[str] = set()
    for where, folders, names in os.walk(folder, followlinks=True, onerror=_refuse_folder):
        # A linked folder may lead back to its parent.
        if (real := os.path.realpath(where)) in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not _is_ignored(source, name))
        paths += [Path(where) / name for name in names if not _is_ignored(source, name)]
    return paths


def _delivered(source: Source, entity: str, path: Path) -> DeliveredFile:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compression = suffixes.pop() if suffixes and suffixes[-1] in COMPRESSIONS else ""
    reader = READERS.get(suffixes[-1] if suffixes else "")
    if reader is None or (reader == "parquet" and compression):
        raise DeliveryError(
            f"No reader knows this kind of file ({entity}).",
            where=str(path),
            todo=f"Deliver {EXTENSIONS}; or list the file's name under `ignored`.",
        )
    # A file name need not be valid text; a location in the ledger must be.
    location = os.fsencode(path.relative_to(source.folder).as_posix())
    return DeliveredFile(
        entity, path, location.decode("utf-8", "backslashreplace"), reader, compression
    )


def _is_ignored(source: Source, name: str) -> bool:
    stem = name.split(".", 1)[0]
    return name.startswith(".") or any(
        fnmatch(name, pattern) or stem == pattern for pattern in source.ignored
    )


def _refuse_folder(error: OSError) -> None:
    raise DeliveryError(
        f"A folder cannot be read ({error.strerror}).",
        where=str(error.filename),
        todo="Let the user that runs the build read it.",
    )


def _unknown(source: Source, name: str, entity: str) -> DeliveryError:
    nearest = difflib.get_close_matches(entity.lower(), source.format.entities, n=1)
    hint = f"Did you mean {nearest[0]}? " if nearest else ""
    return DeliveryError(
        f"{name} is no entity of format {source.format.name}.",
        where=str(source.folder / name),
        todo=f"{hint}Name it after one of {', '.join(source.format.entities)} (several files of "
        "one entity go into a folder of that name), or list it under `ignored`.",
    )


def _expected(source: Source) -> str:
    entities = list(source.format.entities)[:3]
    return ", ".join(str(source.folder / f"{entity}.csv") for entity in entities)
