"""dbt's unit tests: the logic of each model, branch by branch, on the engine itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from dagster_project.transformation.project import fixed_variables
from tests.support.installation import ROOT, Installation

AT_LEAST = 60


def test_every_dbt_unit_test_passes(demo: Installation, tmp_path: Path) -> None:
    # dbt reads the columns of a model's parents from a built warehouse; a copy leaves the demo's unlocked.
    shutil.copy(demo.home / "warehouse.duckdb", tmp_path / "warehouse.duckdb")
    target = tmp_path / "target"
    variables = {"as_of": "2025-07-01", **fixed_variables()}
    outcome = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--quiet", "test"),
            *("--select", "test_type:unit", "--project-dir", str(ROOT / "dbt")),
            *("--vars", json.dumps(variables), "--target-path", str(target)),
        ],
        env={
            **demo.environment(),
            "DBT_WAREHOUSE_PATH": str(tmp_path / "warehouse.duckdb"),
            "DBT_PROFILES_DIR": str(ROOT / "dbt"),
            "DBT_LOG_PATH": str(tmp_path / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-6000:]
    results = json.loads((target / "run_results.json").read_text())["results"]
    assert len(results) >= AT_LEAST
    assert {result["status"] for result in results} == {"pass"}
