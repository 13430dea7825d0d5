"""No private name of a library is used, but in one file that gives its reasons."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.installation import ROOT

FOLDERS = ("dagster_project", "demo_company", "bench", "spark", "tests")
# Why is in its docstring.
ALLOWED = {"dagster_project/instance/private_names.py"}
STANDARD = {"_exit"}  # of os: documented, whatever its name
CODE = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
IN_TEXT = re.compile(r"\bdagster\._\w+|\bdbt\.[\w.]*\._\w+")
OTHERS = [
    *(ROOT / "dagster_project").rglob("*.yaml"),
    *(ROOT / "dbt").glob("*.yml"),
    ROOT / "pyproject.toml",
]


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _own_names() -> set[str]:
    """Private names that the project itself gives: functions, classes, variables and attributes."""
    found = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.add(node.attr)
    return {name for name in found if _is_private(name)}


OWN = _own_names()


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_private_name_of_a_library_is_used(path: Path) -> None:
    if str(path.relative_to(ROOT)) in ALLOWED:
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names = [*(node.module or "").split("."), *(each.name for each in node.names)]
        elif isinstance(node, ast.Import):
            names = [part for each in node.names for part in each.name.split(".")]
        elif isinstance(node, ast.Attribute):
            names = [node.attr]
        else:
            continue
        foreign = [name for name in names if _is_private(name) and name not in OWN | STANDARD]
        assert foreign == [], f"line {node.lineno}"


@pytest.mark.parametrize("path", [*CODE, *OTHERS], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_names_a_private_module(path: Path) -> None:
    if str(path.relative_to(ROOT)) not in ALLOWED:
        assert IN_TEXT.findall(path.read_text()) == []
