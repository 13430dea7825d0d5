"""Paths that docstrings and comments name exist. Belongs here: files and folders of the project, named in
backticks or parentheses. Does not belong here: links of the documentation, and files that a run writes."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("dagster_project", "demo_company", "bench", "spark", "tests")
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
# A path may be relative to each of these, or to the folder of the module that names it.
BASES = (ROOT, ROOT / "dagster_project", ROOT / "dbt")
QUOTED = re.compile(r"`([^`\n]+)`|\(([^()]+)\)")
FILE = r"(?:[\w.-]+/)*[\w-]+\.(?:py|sql|md)|(?:[\w.-]+/)+[\w-]+\.ya?ml"
FOLDER = r"(?:[\w.-]+/)+"
DECISION = r"docs/decisions/\d{4}"
PATH = re.compile(rf"(?<![\w./<>*-])({FILE}|{DECISION}|{FOLDER})(?![\w./<>*-])")


def prose(source: str) -> Iterator[str]:
    """The docstrings and comments of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def named_paths(text: str) -> list[str]:
    """The project paths that a text names in backticks or parentheses."""
    quoted = (in_ticks or in_brackets for in_ticks, in_brackets in QUOTED.findall(text))
    return [path for part in quoted for path in PATH.findall(part)]


def exists(path: str, folder: Path) -> bool:
    """Whether the path exists relative to the folder or a base; a decision may be named by its number."""
    ending = "*.md" if re.fullmatch(DECISION, path) else ""
    return any(next(base.glob(path.rstrip("/") + ending), None) for base in (folder, *BASES))


def test_paths_are_found_and_resolved() -> None:
    text = "Reads `a/b.py` and (`docs/decisions/0001`, models/marts/), not <folder>/c.yaml or `served.json`."
    assert named_paths(text) == ["a/b.py", "docs/decisions/0001", "models/marts/"]
    assert [exists(path, ROOT) for path in named_paths(text)] == [False, True, True]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_named_path_exists(module: Path) -> None:
    named = [path for text in prose(module.read_text()) for path in named_paths(text)]
    assert [path for path in named if not exists(path, module.parent)] == []
