"""What the README and the pages under docs/ promise: figures as in the demo build, commands that exist,
examples that run. Belongs here: comparing texts with what they are about. Does not belong here: their form
(`tests/conventions/test_docs.py`)."""

from __future__ import annotations

import os
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dagster_project.cli.arguments import parse
from dagster_project.settings import DESCRIPTIONS, known_systems, load_settings
from tests.support.installation import ROOT, Installation

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
}
MADE_BY_HAND = "docs/benchmarks.md"
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
TABLE_ROW = re.compile(r"^\| `([^`|]+)`([^|]*)\| (.*?) \|", re.MULTILINE)
INLINE = re.compile(r"`((?:lifecycle|make) [^`]+)`")
PLACEHOLDERS = {"DATE": "2025-01-31", "NUMBER": "1"}
STAGES = """
    select stages.stage, stages.label_cs, stages.label_en, count(customers.customer_id)
    from core.dim_lifecycle_stages as stages
    left join core.dim_customers as customers on customers.relationship_stage = stages.stage
    where stages.lifecycle = 'relationship'
    group by all
"""
LOADS = """
    select count(*), sum(physical_records), sum(accepted_records), sum(quarantined_records),
        sum(redelivered_records), sum(physical_records)
    from meta.loads
"""
ORDERS = """
    select count(*), count(*) filter (is_counted), count(customer_id),
        sum(net_amount) filter (is_counted), any_value(currency_code)
    from core.fct_orders
"""


def _section(heading: str) -> str:
    return README.split(f"\n## {heading}\n")[1].split("\n## ")[0]


TEN_MINUTES = _section("Your own data in ten minutes")


def _code(text: str, language: str = "") -> list[str]:
    return [block for kind, block in BLOCK.findall(text) if kind == language]


def _cells(line: str) -> list[str]:
    """The columns of a printed table, without the grouping of thousands."""
    return [re.sub(r"(?<=\d) (?=\d{3})", "", each) for each in re.split(r" {2,}", line.strip())]


@pytest.fixture(scope="module")
def printed() -> dict[str, list[str]]:
    """The lines that the README shows of the demo build, by their first columns."""
    (block,) = _code(_section("What you get"))
    lines = [_cells(line) for line in block.splitlines() if line.startswith("  ")]
    return {cells[0]: cells[1:] for cells in lines}


@pytest.fixture
def served(demo: Installation) -> Iterator[duckdb.DuckDBPyConnection]:
    with demo.served() as connection:
        yield connection


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return [str(each) for each in row]


def test_deliveries_are_those_of_the_build(
    served: duckdb.DuckDBPyConnection, printed: dict[str, list[str]]
) -> None:
    assert printed["all"] == _row(served, LOADS)
    assert printed["demo"] == ["orders", *_row(served, f"{LOADS} where entity = 'orders'")]
    entities = _row(served, "select count(distinct entity) - 1 from meta.loads")
    assert f"… {entities[0]} more entities" in README
    assert f"{printed['all'][0]} files" in README


def test_stages_are_those_of_the_build(
    served: duckdb.DuckDBPyConnection, printed: dict[str, list[str]]
) -> None:
    found = served.execute(STAGES).fetchall()
    customers = sum(count for *_, count in found)
    for stage, czech, english, count in found:
        share = f"{100 * count / customers:.1f}"
        assert printed[stage] == [czech, english, str(count), share], stage
    assert abs(customers - 2000) < 100
    assert "about 2,000 people" in README


def test_revenue_is_that_of_the_build(
    served: duckdb.DuckDBPyConnection, printed: dict[str, list[str]]
) -> None:
    orders, *rest = _row(served, ORDERS)
    assert printed[orders] == rest


def test_served_tables_are_those_of_the_build(demo: Installation) -> None:
    tables = demo.served_tables()
    assert f"\n{len(tables)} tables are served" in README
    ten = "lifecycle.customers_in_<stage>"
    shown = [name for name, _, _ in TABLE_ROW.findall(_section("What you get")) if "." in name]
    assert ten in shown
    assert set(shown) - {ten} <= set(tables)
    assert sum(name.startswith("lifecycle.customers_in_") for name in tables) == 10


def test_the_page_of_tables_lists_each_served_table_once(demo: Installation) -> None:
    listed = []
    for part in PAGES["docs/tables.md"].split("\n## ")[1:]:
        schema = part.split("`")[1]
        rows = [line for line in part.splitlines()[1:] if line.startswith("| `")]
        listed += [f"{schema}.{name}" for row in rows for name in _names(row)]
    assert sorted(listed) == demo.served_tables()


def _names(row: str) -> list[str]:
    """The tables that a row lists: the first cell, and the others of stage tables."""
    names = re.findall(r"(?<=\| )`(\w+)`(?= \|)", row)
    return [name for name in names if name == names[0] or name.startswith("customers_in_")]


def test_settings_are_those_that_are_read() -> None:
    rows = TABLE_ROW.findall(_section("Settings"))
    assert [name for name, _, _ in rows] == list(DESCRIPTIONS)
    defaults = load_settings({})
    (systems,) = [meaning for name, _, meaning in rows if name == "LIFECYCLE_SYSTEMS"]
    assert set(re.findall(r"`(\w+)`", systems)) == set(known_systems())
    shown = dict(re.findall(r"^\| `(\w+)` \|.*\| `?([^`|]+?)`? \|$", _section("Settings"), re.M))
    assert shown["LIFECYCLE_SYSTEMS"] == ",".join(defaults.systems)
    assert shown["LIFECYCLE_TIMEZONE"] == defaults.timezone
    assert shown["LIFECYCLE_KEEP_BUILDS"] == str(defaults.keep_builds)
    assert defaults.landing == ROOT / shown["LIFECYCLE_LANDING"]


def _commands(text: str) -> Iterator[str]:
    """Every command that a page shows, in a block or within a sentence."""
    yield from INLINE.findall(text)
    for block in _code(text):
        for line in block.splitlines():
            for part in re.split(r"&&|;", line.split("  #")[0]):
                found = re.search(r"(?:^|[\s/])((?:lifecycle|make) .*|lifecycle$)", part)
                if found:
                    yield found[1]


COMMANDS = sorted(
    {
        command.strip()
        for name, text in PAGES.items()
        if name != MADE_BY_HAND
        for command in _commands(text)
    }
)


def test_the_readme_shows_commands() -> None:
    assert {"make build", "make test", "make check", "lifecycle build"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_exist(command: str) -> None:
    """What is upper case or in angle brackets stands for a value, and what is in brackets may be left out."""
    program, *arguments = shlex.split(re.sub(r"[\[\]<>]", "", command))
    if program == "make":
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert arguments[0] in targets
        return
    given = [PLACEHOLDERS.get(argument, argument) for argument in arguments]
    assert parse(given).module


def test_files_to_install_from_exist() -> None:
    for text in PAGES.values():
        for name in re.findall(r"(?:-r|from) `?(requirements[\w-]*\.lock)", text):
            assert (ROOT / name).is_file(), name


@pytest.mark.parametrize("page", ["README.md", "docs/bi-tools.md"])
def test_queries_run(page: str, demo: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_as_var(demo))
    queries = _code(PAGES[page], "sql")
    with duckdb.connect() as connection:
        results = [connection.execute(query).fetchall() for query in queries]
    assert results and results[-1]


def _as_var(installation: Installation) -> Path:
    """A folder whose `var` is this installation."""
    folder = installation.home.parent / f"{installation.home.name}_parent"
    folder.mkdir(exist_ok=True)
    if not (folder / "var").exists():
        (folder / "var").symlink_to(installation.home)
    return folder


def test_python_reads_the_parquet(demo: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_as_var(demo))
    (block,) = _code(PAGES["docs/bi-tools.md"], "python")
    names: dict[str, object] = {}
    exec(block, names)
    with demo.served() as connection:
        for name, table in (("customers", "dim_customers"), ("orders", "fct_orders")):
            count = _row(connection, f"select count(*) from core.{table}")
            assert str(len(names[name])) == count[0]  # type: ignore[arg-type]


@pytest.mark.slow  # a whole build of a clone
def test_ten_minutes_do_what_they_promise(tmp_path: Path, shared: Path) -> None:
    _ten_minutes(tmp_path, shared)


@pytest.mark.slow
def test_ten_minutes_end_with_the_record_corrected(tmp_path: Path, shared: Path) -> None:
    home = _ten_minutes(tmp_path, shared)
    orders = tmp_path / "landing" / "generic" / "orders.csv"
    orders.write_text(orders.read_text().replace("twelve", "12.00"))
    _in_a_shell(tmp_path, "lifecycle build")
    promise = "redelivered, the fifth is loaded, and there are three customers"
    assert promise in " ".join(TEN_MINUTES.split())
    assert _counts(home) == (5, 3, [(5, 1, 0, 4), (5, 4, 1, 0)])


def _ten_minutes(folder: Path, shared: Path) -> Installation:
    """The block, run by a shell in an empty folder, as a reader would."""
    script, shown = _code(TEN_MINUTES)
    home = Installation(folder / "var", {"SYSTEMS": "generic"}, shared / "parsed")
    home.take_over_parsing()
    words = _in_a_shell(folder, script)
    for line in shown.splitlines():
        assert re.search(r"\s+".join(map(re.escape, line.split())), words), line
    promise = "Four orders are loaded, two customers are found, and one record is quarantined"
    assert promise in TEN_MINUTES
    assert _counts(home) == (4, 2, [(5, 4, 1, 0)])
    return home


def _counts(home: Installation) -> tuple[int, int, list[tuple[int, ...]]]:
    with home.served() as connection:
        orders, customers = _row(
            connection,
            "select (select count(*) from core.fct_orders), (select count(*) from core.dim_customers)",
        )
        loads = connection.execute(
            "select physical_records, accepted_records, quarantined_records, redelivered_records"
            " from meta.loads order by all"
        ).fetchall()
    return int(orders), int(customers), loads


def _in_a_shell(folder: Path, script: str) -> str:
    """What the script prints, run in a folder with `lifecycle` on the path. Fails when a command does."""
    command = folder / ".bin" / "lifecycle"
    command.parent.mkdir(exist_ok=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dagster_project.cli "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LIFECYCLE_")}
    outcome = subprocess.run(
        ["sh", "-e"],
        input=script,
        cwd=folder,
        env={
            **inherited,
            "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-3000:] + outcome.stderr[-3000:]
    return outcome.stdout
