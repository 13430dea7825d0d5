"""Column lineage from build to build. Belongs here: keeping what was read in a file, and when it no longer
holds. Does not belong here: reading SQL (`lineage.py`)."""

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
    """Lineage as it was read when the project last changed: a night builds the same models. The first build of
    a project computes everything, so what is kept is the lineage of whole models, not of a night's part.
    What cannot be read in the file is read from the SQL again. `columns` may grow in the meantime."""

    def __init__(self, settings: Settings, columns: Columns) -> None:
        self._file = settings.dbt_target_folder / FILE
        self._columns = columns
        self._settings = settings
        self._kept: dict[str, dict[str, Any]] = _kept(self._file)
        self._has_read = False

    def of(self, relation: str, parents: Sequence[str], compiled: Path) -> ColumnLineage:
        """The lineage of a relation's columns, made of `parents` by the SQL in a file; empty where there is no
        such file or it cannot be read."""
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
        """Of all that lineage depends on: the project with its settings, and the columns of its relations."""
        columns = [(name, self._columns.get(name)) for name in sorted({relation, *parents})]
        return hashlib.sha256(json.dumps([self._project, columns]).encode()).hexdigest()


def _kept(file: Path) -> dict[str, dict[str, Any]]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
