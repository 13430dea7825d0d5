"""No private name of a library is used, but in one file that gives its reasons."""

from __future__ import annotations

import ast
import re

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


def test_no_private_name_of_a_library_is_used() -> None:
    found = []
    for path in CODE:
        if str(path.relative_to(ROOT)) in ALLOWED:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [name for name in _names(node) if _is_private(name)]
            found += [
                f"{path}:{getattr(node, 'lineno', 0)}: {name}"
                for name in names
                if name not in OWN | STANDARD
            ]
    assert found == []


def _names(node: ast.AST) -> list[str]:
    """The names of others that a statement or expression uses."""
    if isinstance(node, ast.ImportFrom):
        return [*(node.module or "").split("."), *(each.name for each in node.names)]
    if isinstance(node, ast.Import):
        return [part for each in node.names for part in each.name.split(".")]
    return [node.attr] if isinstance(node, ast.Attribute) else []


def test_no_text_names_a_private_module() -> None:
    found = {
        str(path): IN_TEXT.findall(path.read_text())
        for path in [*CODE, *OTHERS]
        if str(path.relative_to(ROOT)) not in ALLOWED
    }
    assert {path: names for path, names in found.items() if names} == {}


def test_a_private_name_is_noticed() -> None:
    code = f"from dagster.{'_core'}.events import x\nmanager._ENV\nself._own"
    names = [name for node in ast.walk(ast.parse(code)) for name in _names(node)]
    assert [name for name in names if _is_private(name)] == ["_core", "_ENV", "_own"]
    assert "_ENV" not in OWN
