"""Quoting for SQL text. Belongs here: names and texts as SQL. Does not belong here: statements."""

from __future__ import annotations


def quoted(name: str) -> str:
    """The name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as an SQL string. Used in place of bound parameters where binding one would make DuckDB
    import pandas and pyarrow, which takes 1.5 s in a process that needs neither."""
    return "'" + text.replace("'", "''") + "'"
