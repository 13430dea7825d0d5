"""Stops a delivery with a column that may be meant to be another. Belongs here: which unknown names
resemble a known column that was not delivered. Does not belong here: required columns and names that
clash (`delivery.py`)."""

from __future__ import annotations

import difflib
import re

from dagster_project.ingestion.delivery import Reading, RejectionError
from dagster_project.ingestion.files import Source
from dagster_project.ingestion.formats import Entity
from dagster_project.ingestion.words import without_accents

# What ends the name of a column and means its type; the words of a line mean the same.
ENDINGS = (("amount", "value"), ("at", "on", "date", "time"), ("id",), ("code",), ("rate",))
# What people put around a name that means the same without it.
FILLERS = {
    *("customer", "client", "buyer", "contact", "person", "user"),
    *("billing", "main", "primary"),
}
FILLERS_OF = {"email": {"address"}, "phone": {"number"}}
CUTOFF = 0.82


def check_unknown_columns(source: Source, entity: Entity, reading: Reading) -> None:
    """Raises RejectionError for an unknown column that resembles a known one which is not delivered."""
    ignored = {name.strip().lower() for name in source.ignored_columns.get(entity.name, ())}
    known = entity.column_names
    missing = [name for name in known if name not in reading.columns]
    pairs = [
        (name, meant)
        for name in reading.columns
        if name not in known and name not in ignored and (meant := _meant(name, entity, missing))
    ]
    if pairs:
        named = "; ".join(
            f"unknown column {name}: is it meant to be {meant}?" for name, meant in pairs
        )
        raise RejectionError(
            f"{named} Map it under `renames` in {source.where}, or list it under `ignored_columns`"
            " if it is meant as it is",
            physical=reading.physical,
            columns=list(reading.columns),
        )


def _meant(name: str, entity: Entity, missing: list[str]) -> str | None:
    """The column that is most likely meant; None when none is."""
    likeness = {known: _likeness(_words(name), _words(known), entity.name) for known in missing}
    best = max(likeness, key=lambda known: likeness[known], default=None)
    return best if best is not None and likeness[best] >= CUTOFF else None


def _likeness(name: list[str], known: list[str], entity: str) -> float:
    """How much two names, given as words, are alike: 0 to 1. Equal endings do not make names alike."""
    fillers = FILLERS | FILLERS_OF.get(known[0], set())
    fillers |= {entity.rstrip("s"), entity.split("_")[-1].rstrip("s")}
    known = known[1:] if known[0] == "is" else known
    plain = [word for word in name if word not in fillers]
    stem, ending = _split(known)
    for words in (name, plain):
        if "".join(words) and "".join(words) in ("".join(known), "".join(stem)):
            return 1.0
    own_stem, own_ending = _split(name)
    if ending and ending == own_ending:
        return _ratio(own_stem, stem)
    return _ratio(name, known)


def _split(words: list[str]) -> tuple[list[str], int]:
    """A name's stem, and the number of its ending among ENDINGS; 0 without one."""
    for number, endings in enumerate(ENDINGS, start=1):
        if len(words) > 1 and words[-1] in endings:
            return words[:-1], number
    return words, 0


def _ratio(one: list[str], other: list[str]) -> float:
    return difflib.SequenceMatcher(None, "".join(one), "".join(other)).ratio()


def _words(name: str) -> list[str]:
    return [word for word in re.split("[^a-z0-9]+", without_accents(name.lower())) if word]
