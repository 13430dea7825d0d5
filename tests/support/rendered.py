"""A model's SQL for DuckDB, with the project's own macros, without dbt: for tests that run a few models on many
generated tables. Belongs here: rendering. Does not belong here: the tables, or expectations."""

from __future__ import annotations

from functools import cache

from sqlfluff.core import FluffConfig, Linter

from dagster_project.transformation.project import DBT_FOLDER

NEVER_GIVEN = "cast('1970-01-01 00:00:00' as timestamp)"


@cache
def rendered(model: str, as_of: str) -> str:
    """The SQL of a model as of the midnight of a date. References are plain names. As while dbt parses, it is
    the query of an incremental build: the tables of affected keys must list every key."""
    (path,) = (DBT_FOLDER / "models").rglob(f"{model}.sql")
    config = FluffConfig.from_path(str(path))
    (template, *_) = Linter(config=config).render_file(str(path), config).templated_variants
    sql = str(template)
    return sql.replace(NEVER_GIVEN, f"cast('{as_of} 00:00:00' as timestamp)")
