"""An installation of the product in its own folder, used by its command as a person uses it. Belongs here:
running `lifecycle` and opening what it wrote. Does not belong here: expectations."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from dagster_project.settings import load_settings
from dagster_project.transformation.project import dbt_variables

# Files with which dbt and Dagster need not parse the project again.
PARSED = ("manifest.json", "manifest.sha256", "semantic_manifest.json", "partial_parse.msgpack")
ROOT = Path(__file__).resolve().parents[2]
KEY = "a key for tests"
SERVED_SCHEMAS = ("core", "lifecycle", "value", "engagement", "care", "meta")
# What always differs between two builds of the same data: the build, its time, the file it came from.
ABOUT_THE_BUILD = ("meta.build_info", "meta.loads", "meta.data_quality_results")


@dataclass
class Installation:
    """One LIFECYCLE_HOME with its settings. `parsed` is the folder in which installations share what dbt
    parsed; `project` is the code that runs."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    parsed: Path | None = None
    project: Path = ROOT

    def lifecycle(
        self, *arguments: str, process: dict[str, str] | None = None, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs the command as a process. `settings` (without the prefix) override the installation's;
        `process` is the rest of its environment."""
        return subprocess.run(
            [sys.executable, "-m", "dagster_project.cli", *arguments],
            env={**self.environment(**settings), **(process or {})},
            cwd=self.project,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def environment(self, **settings: str) -> dict[str, str]:
        """The environment of a run: the machine's without LIFECYCLE_*, plus these settings."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("LIFECYCLE_")}
        given = {"HOME": str(self.home), "PII_KEY": KEY, **self.settings, **settings}
        own = {f"LIFECYCLE_{name}": value for name, value in given.items()}
        # Needed by the processes that the command starts in other folders.
        code = {} if self.project == ROOT else {"PYTHONPATH": str(self.project)}
        return {**inherited, **code, **own}

    def build(self, *arguments: str, **settings: str) -> str:
        """Builds and publishes. If that fails, the test fails with the command's output."""
        outcome = self.lifecycle("build", *arguments, **settings)
        assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
        self._hand_on_parsing()
        return outcome.stdout

    @contextmanager
    def served(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The served file, opened as BI tools open it."""
        with duckdb.connect(
            str(self.home / "served" / "lifecycle.duckdb"), read_only=True
        ) as connection:
            yield connection

    @contextmanager
    def private(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The private warehouse, read-only."""
        with duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True) as connection:
            yield connection

    def served_tables(self) -> list[str]:
        """Every served table as schema.table."""
        with self.served() as connection:
            found = connection.execute(
                "select table_schema || '.' || table_name from information_schema.tables order by 1"
            ).fetchall()
        return [name for (name,) in found]

    def canonical_marts(self) -> dict[str, list[tuple[object, ...]]]:
        """Every mart's rows, sorted. They are equal exactly when the results of two builds are."""
        marts = {}
        with self.served() as connection:
            for table in self.served_tables():
                if table not in ABOUT_THE_BUILD:
                    marts[table] = connection.execute(f"from {table} order by all").fetchall()
        return marts

    def published_build(self) -> str:
        """The id of the build that readers see."""
        with self.served() as connection:
            row = connection.execute("select build_id from meta.build_info").fetchone()
        assert row is not None
        return str(row[0])

    def copied_to(self, other: Installation) -> Installation:
        """The other installation, which is empty, with a copy of everything in this one."""
        shutil.copytree(self.home, other.home, symlinks=True, dirs_exist_ok=True)
        configuration = other.home / "dagster" / "dagster.yaml"
        configuration.write_text(configuration.read_text().replace(str(self.home), str(other.home)))
        return other

    def take_over_parsing(self) -> Installation:
        """This new installation, with what dbt parsed for another one with the same variables. It saves 20
        seconds and changes no result."""
        alike = self._parsed_alike()
        if alike is not None and alike.exists():
            shutil.copytree(alike, self.home / "dbt")
        return self

    def _hand_on_parsing(self) -> None:
        alike = self._parsed_alike()
        if alike is not None and not alike.exists():
            alike.parent.mkdir(exist_ok=True)
            fresh = Path(tempfile.mkdtemp(dir=alike.parent))
            for name in PARSED:
                shutil.copyfile(self.home / "dbt" / name, fresh / name)
            with contextlib.suppress(OSError):  # another worker was quicker
                fresh.rename(alike)

    def _parsed_alike(self) -> Path | None:
        """The folder shared by installations with the same dbt variables; with others, dbt parses everything
        again."""
        if self.parsed is None:
            return None
        variables = dbt_variables(load_settings(self.environment()))
        name = hashlib.sha256(json.dumps(variables, sort_keys=True).encode()).hexdigest()[:16]
        return self.parsed / name
