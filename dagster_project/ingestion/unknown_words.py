"""Stops a delivery whose closed lists hold words that nobody has mapped. Belongs here: finding them,
and the reason, which names column, word, count and where to map it. Does not belong here: what words
mean (`words.py`)."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from dagster_project.ingestion.delivery import RejectionError
from dagster_project.ingestion.formats import Column, Entity
from dagster_project.ingestion.rules import is_unseen
from dagster_project.ingestion.stage import STAGED, trimmed
from dagster_project.ingestion.words import SYNONYMS, shown, word_codes, word_key

WORDS_READ = 1000
WORDS_SHOWN = 5


def check_words(
    connection: duckdb.DuckDBPyConnection, entity: Entity, columns: Mapping[str, str], records: int
) -> None:
    """Raises RejectionError when a closed list's column holds a word that the list does not know."""
    faults = []
    for column in entity.columns:
        if column.name in columns and (column.one_of or column.words):
            value = f"{trimmed(column.name, columns[column.name], records)}::varchar"
            found = connection.execute(
                f"select {value} as word, count(*) from {STAGED}"
                # What has no visible character is empty, which is another rule.
                f" where word is not null and not {is_unseen('word')}"
                f" group by word order by count(*) desc, word limit {WORDS_READ}"
            ).fetchall()
            if unknown := _unknown(column, found):
                faults.append(_named(column, unknown))
    if faults:
        raise RejectionError("; ".join(faults), physical=records, columns=list(columns))


def _unknown(column: Column, found: list[tuple[str, int]]) -> dict[str, int]:
    known = {word_key(code) for code in column.one_of}
    if column.words:
        known |= word_codes().get(column.words, {}).keys()
    unknown: dict[str, int] = {}
    for word, count in found:
        if word_key(word) not in known:
            unknown[shown(word)] = unknown.get(shown(word), 0) + count
    return unknown


def _named(column: Column, unknown: Mapping[str, int]) -> str:
    words = [
        f"{word} in {count} record{'' if count == 1 else 's'}"
        for word, count in list(unknown.items())[:WORDS_SHOWN]
    ]
    if len(unknown) > WORDS_SHOWN:
        words.append(f"{len(unknown) - WORDS_SHOWN} more words")
    verb = "is" if len(unknown) == 1 else "are"
    todo = f"map it in {SYNONYMS} (list {column.words})" if column.words else "correct it"
    codes = f", to one of {', '.join(column.one_of)}" if column.one_of else ""
    return f"{column.name}: {', '.join(words)} {verb} not known; {todo}{codes}"
