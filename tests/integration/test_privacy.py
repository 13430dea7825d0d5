"""Personal data is in the private warehouse alone, and not in what is served, in logs, artifacts or results."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from tests.support.installation import ROOT, Installation

CONTACTS = sorted((ROOT / "seeds" / "demo" / "demo" / "contacts").glob("*.csv"))
PRIVATE = ("warehouse.duckdb", "warehouse.duckdb.wal", "pii.key")


def _personal() -> set[str]:
    """E-mails and phones of the demo company's contacts, as delivered and in lower case."""
    found: set[str] = set()
    for path in CONTACTS:
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
        for row in csv.DictReader(text.splitlines()):
            for value in (row.get("email"), row.get("phone")):
                if value and len(value.strip()) > 6:
                    found |= {value.strip(), value.strip().lower()}
    return found


def _files(home: Path) -> list[Path]:
    return [
        path
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.name not in PRIVATE
    ]


def test_logs_artifacts_and_event_logs_hold_none(demo: Installation) -> None:
    personal = _personal()
    assert len(personal) > 2000
    pattern = re.compile(rb"[\w.+-]+@[\w-]+\.[\w.]+|\+?\d[\d ]{8,}\d")
    leaks = []
    for path in _files(demo.home):
        if path.suffix not in (".duckdb", ".parquet"):
            words = {word.decode() for word in pattern.findall(path.read_bytes())}
            if words & personal:
                leaks.append(str(path.relative_to(demo.home)))
    assert leaks == []


def test_served_tables_hold_none(demo: Installation) -> None:
    personal = sorted(_personal())
    with demo.served() as connection:
        texts = connection.execute(
            "select table_schema || '.' || table_name, column_name from information_schema.columns"
            " where data_type = 'VARCHAR'"
        ).fetchall()
        connection.execute("create temp table personal as select unnest($1) as value", [personal])
        for table, column in texts:
            leaks = connection.execute(
                f"select count(*) from {table} where {column} in (select value from personal)"
                f" or {column} like '%@%'"
            ).fetchone()
            assert leaks == (0,), f"{table}.{column}"


def test_a_customer_is_a_pseudonym(demo: Installation) -> None:
    with demo.served() as connection:
        ids = {
            customer
            for (customer,) in connection.execute(
                "select customer_id from core.dim_customers"
            ).fetchall()
        }
    assert all(re.fullmatch(r"[0-9a-f]{32}", customer) for customer in ids)
