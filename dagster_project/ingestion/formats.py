"""What a delivery looks like: formats, their entities and columns, read from `formats/*.yaml`.
Belongs here: the typed form of a format and its validation. Does not belong here: reading
deliveries, and any rule about a particular system (that is the YAML's)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from dagster_project.errors import UserError

FORMATS_FOLDER = Path(__file__).resolve().parent / "formats"
TYPES = ("text", "time", "date", "decimal", "integer", "boolean", "currency", "stars")
PERSON = ("contact_id", "email", "phone", "external_id")
ENTITY_ENTRIES = {"columns", "key", "event_time", "owner", "repeats", "refused"}
COLUMN_ENTRIES = {"type", "required", "never_empty", "one_of", "words", "min", "max"}
COLUMN_ENTRIES |= {"may_be_ahead", "earliest"}
METADATA_COLUMNS: dict[str, str] = {
    "_load_id": "varchar",
    "_load_number": "bigint",
    "_source_file": "varchar",
    "_source_row": "bigint",
    "_record_hash": "hugeint",
    "_loaded_at": "timestamp",
    "_is_deletion": "boolean",
}


class FormatError(UserError):
    """A format's YAML file is missing or invalid."""


@dataclass(frozen=True)
class Column:
    """One declared column.

    Attributes:
        required: every delivery has the column, and every record a value in it.
        never_empty: a delivery that has the column has a value in every record.
        one_of: the codes of a closed list, in lower case.
        words: name of a closed list of the reference data (`words.py`).
        minimum, maximum: inclusive bounds of a number.
        may_be_ahead: a time that may be a plan, so later than its loading.
        earliest: the first day taken, where it is not the installation's.
    """

    name: str
    type: str
    required: bool = False
    never_empty: bool = False
    one_of: tuple[str, ...] = ()
    words: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    may_be_ahead: bool = False
    earliest: date | None = None


@dataclass(frozen=True)
class Condition:
    """A rule between columns of a record: SQL that is true when it is broken, where decimals are numbers, and
    the reason. It is checked where all its columns are delivered."""

    columns: tuple[str, ...]
    broken: str
    reason: str


@dataclass(frozen=True)
class Entity:
    """One kind of record.

    Attributes:
        key: columns that identify a record; the same key again is a newer version. Without a key, only a
            whole file can be recognised as redelivered.
        event_time: the column that holds the record's own time.
        owner: columns that name whom or what a record belongs to, the strongest first (`same_key.py`).
        repeats: columns that every line of a key in a file repeats; `person` is any identifier.
        refused: rules between the columns of a record.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    event_time: str | None = None
    owner: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    refused: tuple[Condition, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """In declared order."""
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
    _only(path, f"entity {name}", body, ENTITY_ENTRIES)
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
    owner, repeats = tuple(body.get("owner") or ()), tuple(body.get("repeats") or ())
    for column in (*owner, *repeats):
        if column not in by_name and column != "person":
            raise _wrong(path, f"owner or repeats of {name} names the unknown column {column}")
    refused = tuple(_condition(path, name, by_name, spec) for spec in body.get("refused") or ())
    return Entity(name, columns, key, event_time, owner, repeats, refused)


def _condition(path: Path, entity: str, columns: Mapping[str, Column], spec: Any) -> Condition:
    if not isinstance(spec, dict) or set(spec) != {"columns", "if", "reason"}:
        raise _wrong(path, f"a rule of refused of {entity} is not {{columns, if, reason}}")
    unknown = [column for column in spec["columns"] if column not in columns]
    if unknown:
        raise _wrong(path, f"refused of {entity} names the unknown column {unknown[0]}")
    return Condition(tuple(spec["columns"]), str(spec["if"]), str(spec["reason"]))


def _column(path: Path, entity: str, name: str, spec: Any) -> Column:
    where = f"column {entity}.{name}"
    if not isinstance(spec, dict):
        raise _wrong(path, f"{where} is not a mapping such as {{type: text}}")
    _only(path, where, spec, COLUMN_ENTRIES)
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
        never_empty=bool(spec.get("never_empty", False)),
        one_of=tuple(value.lower() for value in one_of),
        words=spec.get("words"),
        minimum=_number(path, where, spec.get("min")),
        maximum=_number(path, where, spec.get("max")),
        may_be_ahead=bool(spec.get("may_be_ahead", False)),
        earliest=_day(path, where, spec.get("earliest")),
    )


def _day(path: Path, where: str, value: Any) -> date | None:
    if value is not None and type(value) is not date:
        raise _wrong(path, f"earliest of {where} is not a date such as 1995-01-31")
    return value


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
