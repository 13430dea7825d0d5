"""What keeps the documentation readable: lines of at most 120 characters, links and paths that lead somewhere,
and one vocabulary in the whole project (docs/naming.md). Belongs here: rules about texts. Does not belong here:
whether what they promise is true (`tests/integration/test_readme.py`)."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.installation import ROOT

LONGEST_LINE = 120
DECISIONS = ROOT / "docs" / "decisions"
PAGES = sorted(
    path
    for path in [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "seeds" / "demo").glob("*.md"),
        *(ROOT / "tests").rglob("*.md"),
    ]
    if path.exists()
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
FENCED = re.compile(r"^\s*```.*?^\s*```$", re.MULTILINE | re.DOTALL)
# A path in backticks: with a folder, an extension and no placeholder.
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|sql|yml|yaml|csv|md|lock|toml))`")

# Words of our own that the field has better words for, and those words. A word in an identifier counts too: `_`
# and digits end a word here.
REPLACED = {
    r"sets? aside|setting aside": "quarantined",
    r"known already": "redelivered, superseded",
    r"touched": "affected",
    r"heal(?:s|ed|ing)?": "incremental",
    r"forget(?:s|ting)?|forgot(?:ten)?": "delete",
    r"foundations?": "incremental state",
    r"stands? on|stood on|standing on": "incremental state, based on",
    r"stay(?:s|ed|ing)?": "stage interval, remain",
    r"who is who": "identity resolution",
    r"told|tells": "emits, reports, records, returns",
    r"says": "emits, reports, records, returns",
    r"nobody's|of nobody": "unidentified, unattributed",
    r"nights?": "nightly run, incremental run",
    r"the limit": "baseline, or what is limited",
    r"plain(?:est)? sql": "baseline (bare DuckDB)",
    r"tried|on trial": "candidate, backtest",
}
# Exact phrases in which these words are right.
RIGHT = (
    "first_touched_at",  # a touch of marketing
    "touched_at",
    "Software Foundation",
    "My dog says",  # a text of the demo company
)
NOT_OURS = (".lock", ".png", ".csv.gz", ".parquet")
HISTORY = {"CHANGELOG.md"}
# Where the words themselves are listed.
LISTS = {"tests/conventions/test_docs.py"}
DELIVERED = "seeds/demo/demo/"


def _relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def _tracked() -> tuple[str, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return tuple(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def _superseded() -> set[str]:
    return {
        _relative(path)
        for path in DECISIONS.glob("*.md")
        if re.search(r"^Superseded\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }


def _ours() -> Iterator[str]:
    excused = HISTORY | LISTS | _superseded()
    for name in _tracked():
        if not (name in excused or name.startswith(DELIVERED) or name.endswith(NOT_OURS)):
            yield name


@cache
def _text(name: str) -> str:
    """A file's text, with its path above it; empty for a file that is no text."""
    try:
        return f"{name}\n" + (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


# A phrase may run over the end of a line, and the next line may be a comment.
BREAK = r"\s[\s#*-]*"
SEARCHED = {
    words: re.compile(rf"(?<![a-z])(?:{words.replace(' ', BREAK)})(?![a-z])", re.IGNORECASE)
    for words in REPLACED
}


def replaced_words(text: str, words: str) -> list[tuple[int, str]]:
    """Where a text has one of these words, each with its line's number."""
    for phrase in RIGHT:
        text = text.replace(phrase, "_" * len(phrase))
    return [(text.count("\n", 0, each.start()), each[0]) for each in SEARCHED[words].finditer(text)]


@pytest.mark.parametrize("words", REPLACED)
def test_one_vocabulary(words: str) -> None:
    found = [
        f"{name}:{line or 'path'}: {word!r} (write: {REPLACED[words]})"
        for name in _ours()
        for line, word in replaced_words(_text(name), words)
    ]
    assert not found, f"{len(found)} times\n" + "\n".join(found[:200])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("A night brings records that healed.", 2),
        ("int_touched_customers, stay_number", 2),
        ("records are set\n# aside", 1),
        ("midnight, nightly, overnight, health, untouched, retried", 0),
        ("first_touched_at", 0),
    ],
)
def test_words_are_found_in_sentences_and_in_identifiers(text: str, count: int) -> None:
    assert sum(len(replaced_words(text, words)) for words in REPLACED) == count


@pytest.mark.parametrize("path", PAGES, ids=_relative)
def test_lines_are_short(path: Path) -> None:
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    assert [(number, len(line)) for number, line in lines if len(line) > LONGEST_LINE] == []


@pytest.mark.parametrize("path", PAGES, ids=_relative)
def test_links_lead_somewhere(path: Path) -> None:
    text = FENCED.sub("", path.read_text(encoding="utf-8"))
    here = [link for link in LINK.findall(text) if not re.match(r"[a-z]+:", link)]
    assert [link for link in here if not _leads_somewhere(path, link)] == []


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    file = (page.parent / name).resolve() if name else page
    return file.exists() and (not anchor or anchor in _anchors(file))


def _anchors(path: Path) -> set[str]:
    """What a page's headings are called in links."""
    text = FENCED.sub("", path.read_text(encoding="utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(text)
    }


@pytest.mark.parametrize(
    "path", [page for page in PAGES if _relative(page) not in _superseded()], ids=_relative
)
def test_paths_in_pages_exist(path: Path) -> None:
    """From the root, or from a folder that the page names elsewhere."""
    if _relative(path) == "docs/adding-a-source.md":  # the reader makes these files
        return
    named = PATH.findall(FENCED.sub("", path.read_text(encoding="utf-8")))
    files = [f"/{name}" for name in _tracked()]
    assert [name for name in named if not any(file.endswith(f"/{name}") for file in files)] == []


def test_dbt_tests_and_models_in_pages_exist() -> None:
    """`assert_…`, `int_…`, `fct_…` and the like are files of dbt/."""
    known = {Path(name).stem for name in _tracked() if name.startswith("dbt/")}
    named = re.compile(r"`(?:\w+\.)?((?:assert|int|fct|rpt|dim|stg|input)_\w+)`")
    examples = {"stg_tills__orders", "stg_shopify__orders"}
    for path in PAGES:
        if _relative(path) not in _superseded():
            missing = set(named.findall(path.read_text(encoding="utf-8"))) - known - examples
            assert not missing, (_relative(path), sorted(missing))


def test_every_decision_is_in_the_index_and_every_successor_exists() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    records = sorted(DECISIONS.glob("0*.md"))
    listed = sorted(re.findall(r"^- \[\d{4}\]\((\d{4}-[\w-]+\.md)\)", index, re.MULTILINE))
    assert listed == [record.name for record in records]
    numbers = [record.name[:4] for record in records]
    assert numbers == [f"{number:04}" for number in range(1, len(records) + 1)]
