"""The usual way to the marts: a dbt project with a model for every file that is read and every table of the
baseline, each of them a table. Belongs here: making it from the scripts of `bench/baseline/`, so that both run
one SQL. Does not belong here: that SQL, or keys and settings, which are copied from `dbt/`."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

SETTINGS = Path(__file__).parent / "dbt"
CREATED = re.compile(r"create (?:temp )?(table|view) ((?:(\w+)\.)?(\w+)) (as\b)?")
VARIABLE = re.compile(r"getvariable\('(\w+)'\)")
READ = re.compile(
    r"(read_parquet|read_csv)\(getvariable\('(\w+)'\) \|\| '(/([a-z_]+)[^']*)'[^()]*\)"
)
SUBQUERY = re.compile(r"\b(\w+) as (?:not )?(?:materialized )?\(")
# Variables of the scripts that hold text; the others are thresholds.
TEXTS = ("system", "currency")
OPTIONS = {"read_parquet": "filename = true", "read_csv": "header = true"}


def write_project(folder: Path, scripts: Iterable[Path]) -> None:
    """Writes the project into `folder`, which does not exist yet. Its variables are those of the scripts:
    the folders `source` and `seeds`, the time `as_of`, `system`, `currency`, and each threshold by its
    name."""
    shutil.copytree(SETTINGS, folder)
    for schema, name, query in models(scripts):
        file = folder / "models" / schema / f"{name}.sql"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{query}\n")


def models(scripts: Iterable[Path]) -> Iterator[tuple[str, str, str]]:
    """Schema, name and query of every model, in the order of the scripts."""
    names: dict[str, str] = {}
    read: set[str] = set()
    for script in scripts:
        for statement in duckdb.extract_statements(script.read_text()):
            created = CREATED.search(statement.query)
            if created is None:
                continue
            kind, full_name, schema, table, is_query = created.groups()
            query = statement.query[created.end() :].strip().rstrip(";")
            if not is_query:
                query = _empty(query)
            for reader, variable, path, entity in READ.findall(query):
                if entity not in read:
                    read.add(entity)
                    file = f"'{{{{ var(\"{variable}\") }}}}{path}'"
                    staged = f"select * from {reader}({file}, {OPTIONS[reader]})"
                    yield "staging", f"stg_{entity}", staged
            name = table if schema else f"int_{table}"
            referring = _referring(query, names)
            if kind == "view":
                referring = f"{{{{ config(materialized='view') }}}}\n{referring}"
            yield schema or "intermediate", name, referring
            names[full_name] = name


def _referring(query: str, names: dict[str, str]) -> str:
    """The query with dbt's references instead of tables, files and variables."""
    own = set(SUBQUERY.findall(query))
    query = READ.sub(lambda found: f"{{{{ ref('stg_{found[4]}') }}}}", query)
    for table, name in names.items():
        if table not in own:
            reference = f"{{{{ ref('{name}') }}}}"
            here = rf"\b(from|join) {re.escape(table)}\b(?![.(])"
            # Without an alias, columns are qualified by the table's own name.
            own_name = table.split(".")[-1]
            query = re.sub(rf"{here}(?!\s+as\b)", rf"\1 {reference} as {own_name}", query)
            query = re.sub(here, rf"\1 {reference}", query)
    return VARIABLE.sub(_variable, query)


def _variable(found: re.Match[str]) -> str:
    name = found[1]
    reference = f'{{{{ var("{name}") }}}}'
    if name == "as_of":
        return f"timestamp '{reference}'"
    return f"'{reference}'" if name in TEXTS else reference


def _empty(columns: str) -> str:
    """No rows of the columns that `(name type, ...)` declares."""
    with duckdb.connect() as connection:
        connection.execute(f"create table declared {columns}")
        declared = connection.execute("describe declared").fetchall()
    picked = ", ".join(f"null::{kind} as {name}" for name, kind, *_ in declared)
    return f"select {picked} where false"
