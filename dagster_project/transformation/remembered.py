"""Keeps column lineage from build to build. Belongs here: the file that holds it, and when it is outdated. Does
not belong here: parsing SQL (`lineage.py`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from dagster_project.settings import Settings
from dagster_project.transformation.lineage import ColumnLineage, Columns, read_lineage
from dagster_project.transformation.project import dbt_variables, project_fingerprint

FILE = "lineage.json"


class RememberedLineage:
    """Lineage as it was when the project last changed. The first build of a changed project is a full refresh,
    so the kept lineage is that of the whole models, not of their incremental SQL. Lineage that is not in the
    file is read from the SQL again. `columns` may grow in the meantime."""

    def __init__(self, settings: Settings, columns: Columns) -> None:
        self._file = settings.dbt_target_folder / FILE
        self._columns = columns
        self._settings = settings
        self._kept: dict[str, dict[str, Any]] = _kept(self._file)
        self._has_read = False

    def of(self, relation: str, parents: Sequence[str], compiled: Path) -> ColumnLineage:
        """The lineage of a relation's columns, which the SQL in the file `compiled` computes from `parents`.
        Empty where the file does not exist or cannot be parsed."""
        key = self._key(relation, parents)
        kept = self._kept.get(relation)
        if kept is None or kept["key"] != key:
            if not compiled.exists():
                return {}
            known = {name: self._columns.get(name, []) for name in (relation, *parents)}
            found = read_lineage(relation, compiled.read_text(), known)
            kept = {"key": key, "columns": found}
            self._kept[relation] = kept
            self._has_read = True
        return {column: [(t, c) for t, c in pairs] for column, pairs in kept["columns"].items()}

    def keep(self) -> None:
        """Writes the file for the next build."""
        if self._has_read:
            self._file.write_text(json.dumps(self._kept), encoding="utf-8")

    @cached_property
    def _project(self) -> list[Any]:
        return [project_fingerprint(), dbt_variables(self._settings)]

    def _key(self, relation: str, parents: Sequence[str]) -> str:
        """A hash of all that lineage depends on: the project, its settings, and the relations' columns."""
        columns = [(name, self._columns.get(name)) for name in sorted({relation, *parents})]
        return hashlib.sha256(json.dumps([self._project, columns]).encode()).hexdigest()


def _kept(file: Path) -> dict[str, dict[str, Any]]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
