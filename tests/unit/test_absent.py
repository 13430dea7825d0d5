"""Libraries that a process leaves out."""

import importlib
import json
import subprocess
import sys

import pytest

from dagster_project.absent import absent


def test_what_is_absent_cannot_be_imported_until_it_is_back() -> None:
    finders = list(sys.meta_path)
    sys.modules.pop("antigravity", None)
    with absent("antigravity"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("antigravity")
    with absent("json"):
        assert importlib.import_module("json") is json
    assert sys.meta_path == finders


def test_loading_the_definitions_leaves_out_what_is_slow() -> None:
    """Each takes a quarter of a second to two seconds, every night."""
    code = (
        "import sys, dagster_project.components.dbt_build, dagster_project.components.delivered_files,"
        " dagster_project.lifetime_value.tables; print(*sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"dagster_dbt", "dagster"} <= set(found)
    assert {"dbt", "networkx", "scipy", "pandas", "great_expectations"} & set(found) == set()
