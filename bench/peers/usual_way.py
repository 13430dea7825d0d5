"""The usual way to the marts: a dbt project with a model for every file that is read and for every table of the
plain SQL, all of them tables. Belongs here: making it from the scripts of `plain/`, so that both run one SQL.
Does not belong here: that SQL, or keys and settings, which lie in `dbt/` and are copied."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

SETTINGS = Path(__file__).parent / "dbt"
CREATED = re.compile(r"create (?:temp )?table (?:(\w+)\.)?(\w+) (?=as\b|\()")
READ = re.compile(
    r"(read_parquet|read_csv)\(getvariable\('(\w+)'\) \|\| '(/([a-z_]+)[^']*)'[^()]*\)"
)
SUBQUERY = re.compile(r"\b(\w+) as (?:not )?(?:materialized )?\(")
# What follows a table's name when the query gives it no other.
NOT_AN_ALIAS = r"(?!\s+as\b)"
READERS = {
    "read_parquet": "read_parquet('{{{{ var(\"{0}\") }}}}{1}', filename = true)",
    "read_csv": "read_csv('{{{{ var(\"{0}\") }}}}{1}', header = true)",
}


def write_project(folder: Path, scripts: Iterable[Path]) -> None:
    """Writes the project into `folder`, which does not exist yet. Its variables are two folders, `source` and
    `seeds`, and a time, `as_of`."""
    shutil.copytree(SETTINGS, folder)
    for schema, name, query in models(path.read_text() for path in scripts):
        file = folder / "models" / schema / f"{name}.sql"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{query}\n")


def models(scripts: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Schema, name and query of every model, in the order of the scripts."""
    names: dict[str, str] = {}
    read: set[str] = set()
    for script in scripts:
        for statement in duckdb.extract_statements(script):
            created = CREATED.search(statement.query)
            if created is None:
                continue
            schema, table = created.groups()
            query = statement.query[created.end() :].strip().rstrip(";")
            query = query.removeprefix("as").strip() if query.startswith("as") else _empty(query)
            for reader, variable, path, entity in READ.findall(query):
                if entity not in read:
                    read.add(entity)
                    source = READERS[reader].format(variable, path)
                    yield "staging", f"stg_{entity}", f"select * from {source}"
            name = table if schema else f"int_{table}"
            yield schema or "intermediate", name, _referring(query, names)
            names[f"{schema}.{table}" if schema else table] = name


def _referring(query: str, names: dict[str, str]) -> str:
    """The query with dbt's references in the place of tables, files and variables."""
    own = set(SUBQUERY.findall(query))
    query = READ.sub(lambda found: f"{{{{ ref('stg_{found[4]}') }}}}", query)
    for table, name in names.items():
        if table not in own:
            reference = f"{{{{ ref('{name}') }}}}"
            here = rf"\b(from|join) {re.escape(table)}\b(?![.(])"
            query = re.sub(here + NOT_AN_ALIAS, rf"\1 {reference} as {table.split('.')[-1]}", query)
            query = re.sub(here, rf"\1 {reference}", query)
    return query.replace("getvariable('as_of')", "timestamp '{{ var(\"as_of\") }}'")


def _empty(columns: str) -> str:
    """No rows of the columns that `(name type, ...)` declares."""
    with duckdb.connect() as connection:
        connection.execute(f"create table declared {columns}")
        declared = connection.execute("describe declared").fetchall()
    picked = ", ".join(f"null::{kind} as {name}" for name, kind, *_ in declared)
    return f"select {picked} where false"
