"""Every model compiles for Spark, into SQL that Spark's grammar allows. Nothing runs on Spark here: it is
half a gigabyte and minutes (`make spark` runs all and compares). In its place stands an empty database."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from dagster_project.transformation.project import fixed_variables
from tests.support.installation import ROOT

# Functions of DuckDB that Spark lacks or defines differently. sqlglot takes them for user-defined functions.
FOREIGN = re.compile(
    r"\b(epoch|epoch_us|to_days|sha256|strftime|generate_series|unnest|arg_max|arg_min|list_\w+|list|string_agg"
    r"|timestamptz|hugeint|try_strptime|strptime|date_diff|date_part|quantile_cont)\s*\(|//|::",
    re.IGNORECASE,
)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every model, compiled for Spark, by name."""
    target = tmp_path_factory.mktemp("spark") / "target"
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("LIFECYCLE_", "DBT_"))}
    outcome = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "--quiet", "--no-use-colors", "compile"),
            *("--target", "spark", "--project-dir", str(ROOT / "dbt")),
            *("--vars", json.dumps(fixed_variables())),
            *("--target-path", str(target), "--threads", "1"),
        ],
        env={
            **inherited,
            "PYTHONPATH": str(ROOT / "tests" / "support" / "no_spark"),
            "DBT_PROFILES_DIR": str(ROOT / "dbt"),
            "DBT_LOG_PATH": str(target / "logs"),
            "DBT_AS_OF": "2025-07-01",
            "DO_NOT_TRACK": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    nodes = json.loads((target / "manifest.json").read_text())["nodes"].values()
    return {node["name"]: node for node in nodes if node["resource_type"] == "model"}


@pytest.mark.thorough
def test_every_model_compiles_for_spark(compiled: dict[str, dict[str, Any]]) -> None:
    written = {path.stem for path in (ROOT / "dbt" / "models").rglob("*.sql")}
    assert set(compiled) == written
    assert [name for name, node in compiled.items() if not node["compiled_code"]] == []


@pytest.mark.thorough
def test_spark_allows_the_sql(compiled: dict[str, dict[str, Any]]) -> None:
    for name, node in compiled.items():
        statements = sqlglot.parse(node["compiled_code"], dialect="spark")
        assert len(statements) == 1, name
        assert isinstance(statements[0], exp.Query), name


@pytest.mark.thorough
def test_no_function_of_duckdb_is_left(compiled: dict[str, dict[str, Any]]) -> None:
    found = {
        name: words.group()
        for name, node in compiled.items()
        if (words := FOREIGN.search(_without_comments(node["compiled_code"])))
    }
    assert found == {}


@pytest.mark.thorough
def test_nothing_is_incremental_on_spark(compiled: dict[str, dict[str, Any]]) -> None:
    """Engines other than DuckDB write every table anew (docs/decisions/0018)."""
    assert {node["config"]["materialized"] for node in compiled.values()} <= {"table", "view"}


def _without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*|/\*.*?\*/", "", sql, flags=re.DOTALL)


def test_the_driver_needs_nothing_of_the_project() -> None:
    """It runs in an environment that has Spark and dbt alone."""
    text = (ROOT / "spark" / "driver.py").read_text()
    assert re.findall(r"^\s*(?:from|import) (dagster_project|spark|duckdb)\b", text, re.M) == []


def test_the_lock_pins_what_the_driver_imports() -> None:
    text = Path(ROOT / "requirements-spark.lock").read_text()
    for package in ("pyspark==4", "dbt-spark==1.11.0", "dbt-core==1.11"):
        assert re.search(rf"^{re.escape(package)}", text, re.M), package
    assert "http" not in text
