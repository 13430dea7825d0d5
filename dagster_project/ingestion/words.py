"""The words of closed lists. Belongs here: which words a list knows, with their synonyms, how words are
compared, and which may be shown. Does not belong here: what a code means (the reference data's tables,
dbt)."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache

from dagster_project.ingestion.formats import FORMATS_FOLDER, load_format
from dagster_project.settings import PROJECT_ROOT

REFERENCE_FOLDER = PROJECT_ROOT / "seeds" / "reference"
SYNONYMS = "seeds/reference/synonyms.csv"
LONGEST_SHOWN = 24


def word_key(word: str) -> str:
    """A word as it is compared: without case, blanks, dashes, underscores and accents."""
    return re.sub(r"[\s_\u2010-\u2015-]", "", without_accents(word)).lower()


def without_accents(text: str) -> str:
    """The text with its letters as they are without accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(each for each in decomposed if not unicodedata.combining(each))


@cache
def word_codes() -> dict[str, dict[str, str]]:
    """Per closed list, the code that each word means, by the word's key: what staging maps by."""
    found: dict[str, dict[str, str]] = {}
    for row in _rows("synonyms"):
        found.setdefault(row["list"], {})[word_key(row["word"])] = row["code"]
    for format_ in (load_format(path.stem) for path in sorted(FORMATS_FOLDER.glob("*.yaml"))):
        for column in (c for entity in format_.entities.values() for c in entity.columns):
            if column.words:
                codes = [*column.one_of, *(next(iter(row.values())) for row in _rows(column.words))]
                found.setdefault(column.words, {}).update({word_key(code): code for code in codes})
    return {name: dict(sorted(words.items())) for name, words in sorted(found.items())}


def shown(word: str) -> str:
    """The word for a message. What does not look like a word may be personal data, and is not shown."""
    looks_like_a_word = (
        len(word) <= LONGEST_SHOWN
        and re.fullmatch(r"[\w .:/-]+", word)
        and not re.search(r"\d{3}", word)
    )
    return f"`{word}`" if looks_like_a_word else "text that is no word"


def _rows(name: str) -> list[dict[str, str]]:
    path = REFERENCE_FOLDER / f"{name}.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
