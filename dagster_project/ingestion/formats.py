"""What a delivery looks like: formats, their entities and columns, read from `formats/*.yaml`.
Belongs here: the typed form of a format and its validation. Does not belong here: reading
deliveries, and any rule about a particular system (that is the YAML's)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from dagster_project.errors import UserError

FORMATS_FOLDER = Path(__file__).resolve().parent / "formats"
TYPES = ("text", "time", "date", "decimal", "integer", "boolean")
METADATA_COLUMNS: dict[str, str] = {
    "_load_id": "varchar",
    "_load_number": "bigint",
    "_source_file": "varchar",
    "_source_row": "bigint",
    "_record_hash": "hugeint",
    "_loaded_at": "timestamp",
}


class FormatError(UserError):
    """A format's YAML file is missing or invalid."""


@dataclass(frozen=True)
class Column:
    """One declared column. `one_of` is lower-case; `minimum` and `maximum` are inclusive."""

    name: str
    type: str
    required: bool = False
    one_of: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True)
class Entity:
    """One kind of record. `key`: columns that identify a record; a record with the same key is a
    newer version of it. Without a key, only a whole file can be recognised as redelivered.
    `event_time`: the column that holds the record's own time."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    event_time: str | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        """The declared columns, in declared order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Columns that every delivery and every record must have."""
        return tuple(column.name for column in self.columns if column.required)


@dataclass(frozen=True)
class Format:
    """The entities that a system delivering in this format may deliver."""

    name: str
    entities: Mapping[str, Entity]


def load_format(name: str, folder: Path = FORMATS_FOLDER) -> Format:
    """Reads `<folder>/<name>.yaml`. Raises FormatError, which names the fault and its place."""
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml")))
        raise FormatError(f"Unknown format {name}.", where=str(path), todo=f"Choose from: {known}.")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise _wrong(path, f"not valid YAML ({error})") from None
    if not isinstance(content, dict) or not isinstance(content.get("entities"), dict):
        raise _wrong(path, "no mapping `entities`")
    _only(path, "the file", content, {"entities"})
    entities = {entity: _entity(path, entity, body) for entity, body in content["entities"].items()}
    return Format(name, entities)


def _entity(path: Path, name: str, body: Any) -> Entity:
    if not isinstance(body, dict) or not isinstance(body.get("columns"), dict):
        raise _wrong(path, f"entity {name} has no mapping `columns`")
    _only(path, f"entity {name}", body, {"columns", "key", "event_time"})
    columns = tuple(_column(path, name, column, spec) for column, spec in body["columns"].items())
    by_name = {column.name: column for column in columns}
    key = tuple(body.get("key") or ())
    for column in key:
        if column not in by_name or not by_name[column].required:
            raise _wrong(path, f"key column {column} of {name} is not a required column")
    event_time = body.get("event_time")
    if event_time is not None and (
        event_time not in by_name or by_name[event_time].type not in ("time", "date")
    ):
        raise _wrong(path, f"event_time of {name} is not a column of type time or date")
    return Entity(name, columns, key, event_time)


def _column(path: Path, entity: str, name: str, spec: Any) -> Column:
    where = f"column {entity}.{name}"
    if not isinstance(spec, dict):
        raise _wrong(path, f"{where} is not a mapping such as {{type: text}}")
    _only(path, where, spec, {"type", "required", "one_of", "min", "max"})
    if name != name.strip().lower() or name in METADATA_COLUMNS:
        raise _wrong(path, f"{where} must be lower-case and no name the loader uses itself")
    if spec.get("type") not in TYPES:
        raise _wrong(path, f"{where} needs a type out of {', '.join(TYPES)}")
    one_of = spec.get("one_of", [])
    if not isinstance(one_of, list) or not all(isinstance(value, str) for value in one_of):
        raise _wrong(path, f"one_of of {where} is not a list of texts (quote words such as yes)")
    return Column(
        name=name,
        type=spec["type"],
        required=bool(spec.get("required", False)),
        one_of=tuple(value.lower() for value in one_of),
        minimum=_number(path, where, spec.get("min")),
        maximum=_number(path, where, spec.get("max")),
    )


def _number(path: Path, where: str, value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise _wrong(path, f"min or max of {where} is not a number") from None


def _only(path: Path, where: str, mapping: Mapping[str, Any], allowed: set[str]) -> None:
    unknown = sorted(set(map(str, mapping)) - allowed)
    if unknown:
        raise _wrong(path, f"{where} has the unknown entry {unknown[0]}")


def _wrong(path: Path, what: str) -> FormatError:
    return FormatError(
        f"The format file is wrong: {what}.", where=str(path), todo="Correct the format file."
    )
