"""The benchmark's company is as docs/benchmarks.md describes it, and the same every time. Belongs here: its
shapes, and that the baseline reads it. Does not belong here: any speed."""

from __future__ import annotations

import re
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest

from bench import machine, markdown, peers, sizes
from bench.baseline.run import CURRENCIES, scripts, thresholds
from bench.baseline.run import main as run_baseline
from bench.company.generate import generate_history, generate_increment
from bench.measure import BenchmarkError, run
from bench.peers.usual_way import SUBQUERY, models
from bench.report import Claim, Report
from bench.watch import Watch, between
from dagster_project.cli.terminal import Table
from dagster_project.settings import PROJECT_ROOT
from dagster_project.transformation.project import SEEDS_FOLDER

pytestmark = pytest.mark.thorough
CUSTOMERS = 2_000


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    generate_history(folder, folder / "landing", CUSTOMERS)
    assert generate_increment(folder, folder / "landing", CUSTOMERS, 0.05, 1) == date(2026, 11, 2)
    return folder / "landing" / "generic"


@pytest.fixture(scope="module")
def baseline(landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("baseline")
    variables = {
        "source": f"'{landing}'",
        "seeds": f"'{SEEDS_FOLDER}'",
        "as_of": "timestamp '2026-11-02'",
        **thresholds(str(SEEDS_FOLDER)),
    }
    run_baseline("generic", folder, variables, "1GB")
    return folder / "marts.duckdb"


def ask(query: str) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = duckdb.sql(query).fetchall()
    return rows


def test_a_company_has_the_promised_numbers_of_records(landing: Path) -> None:
    for entity, each in (("orders", 5), ("order_lines", 12), ("interactions", 20), ("reviews", 1)):
        ((count,),) = ask(f"select count(*) from '{landing}/{entity}/[h2]*.parquet'")
        assert isinstance(count, int)
        assert count == pytest.approx(each * CUSTOMERS, rel=0.15), entity


def test_the_history_holds_guests_corrections_repeats_and_late_deliveries(landing: Path) -> None:
    orders = f"'{landing}/orders/*.parquet'"
    ((guests, late),) = ask(
        "select count(*) filter (contact_id is null and email is not null),"
        f" count(*) filter (delivered_at > promised_at) from {orders}"
    )
    assert isinstance(guests, int) and guests > 0
    assert isinstance(late, int) and late > 0
    again = ask(f"from '{landing}/orders/again.parquet' except from {orders}")
    assert again == []
    earlier = f"select order_id from '{landing}/orders/earlier.parquet'"
    ((placed,),) = ask(f"select count(*) from {orders} where order_id in ({earlier})")
    ((versions,),) = ask(f"select count(*) from ({earlier})")
    assert isinstance(placed, int) and isinstance(versions, int) and placed >= 2 * versions > 0


def test_an_increment_has_new_late_and_corrected_orders_of_its_share(landing: Path) -> None:
    increment = f"'{landing}/orders/increment-1.parquet'"
    ((fresh, late, corrected),) = ask(
        "select count(*) filter (ordered_at >= '2026-11-01'),"
        " count(*) filter (ordered_at < '2026-11-01' and order_id like 'N%'),"
        f" count(*) filter (order_id not like 'N%') from {increment}"
    )
    assert isinstance(fresh, int) and isinstance(late, int) and isinstance(corrected, int)
    assert fresh == pytest.approx(0.05 * CUSTOMERS, rel=0.3)
    assert 0 < late < fresh and 0 < corrected < fresh


def test_the_same_company_is_made_again(landing: Path, tmp_path: Path) -> None:
    generate_history(tmp_path, tmp_path / "landing", CUSTOMERS)
    again = tmp_path / "landing" / "generic"
    for file in ("orders/2024.parquet", "interactions/2025.parquet", "reviews/history.parquet"):
        assert ask(f"from '{landing / file}' except from '{again / file}'") == []


def test_the_baseline_makes_marts_of_it(baseline: Path) -> None:
    with duckdb.connect(str(baseline), read_only=True) as marts:
        ((customers,),) = marts.sql("select count(*) from core.dim_customers").fetchall()
        current = "select count(*) from lifecycle.fct_customer_stage_intervals where is_current"
        assert marts.sql(current).fetchall() == [(2 * customers,)]
        assert customers >= 0.9 * CUSTOMERS


def test_the_baseline_finds_the_record_behind_every_move(baseline: Path) -> None:
    with duckdb.connect(str(baseline), read_only=True) as marts:
        counts = "select count(*), count(evidence_activity_key)"
        ((moves, explained),) = marts.sql(
            f"{counts} from lifecycle.fct_customer_stage_transitions"
        ).fetchall()
        intervals = "select count(*) from lifecycle.fct_customer_stage_intervals"
        assert [(moves,)] == [(explained,)] == marts.sql(intervals).fetchall()


def test_the_baseline_and_the_usual_way_write_every_served_mart(baseline: Path) -> None:
    served = _models(PROJECT_ROOT / "dbt" / "models" / "marts")
    with duckdb.connect(str(baseline), read_only=True) as marts:
        found = marts.sql("select schema_name, table_name from duckdb_tables()").fetchall()
    assert set(found) == served
    assert served <= {(schema, name) for schema, name, _ in models(scripts("generic"))}


def test_the_usual_way_refers_to_every_table_it_uses() -> None:
    """Only dbt's references and variables name what the scripts make, read or are given."""
    written = list(models(scripts("generic")))
    made = {name.removeprefix("int_") for _, name, _ in written}
    for _, name, query in written:
        own = set(SUBQUERY.findall(query))
        used = set(re.findall(r"\b(?:from|join) (?:\w+\.)?(\w+)", query)) & made
        assert used <= own, name
        assert "getvariable" not in query, name
        assert name.startswith("stg_") or "read_" not in query, name


def _models(folder: Path) -> set[tuple[str, str]]:
    return {(path.parent.name, path.stem) for path in folder.rglob("*.sql")}


@pytest.mark.parametrize("source", sorted(CURRENCIES))
def test_every_variable_of_the_baseline_is_set(source: str) -> None:
    """DuckDB reads a variable that was never set as null."""
    script = "\n".join(path.read_text() for path in scripts(source))
    given = {"source", "seeds", "system", "currency", "as_of", "inner_pad", "outer_pad"}
    used = set(re.findall(r"getvariable\('(\w+)'\)", script))
    assert used <= given | thresholds(str(SEEDS_FOLDER)).keys()


def test_a_command_is_watched_with_what_it_starts() -> None:
    child = "sum(i for i in range(10_000_000)); b = bytes(50_000_000); import time; time.sleep(0.6)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    watch = Watch()
    begin = time.perf_counter()
    finished = run([sys.executable, "-c", code], on_start=watch.start)
    used = between(watch.stop(), 0, time.perf_counter() - begin)
    assert used.memory > 20_000_000
    assert 0 < used.cpu <= finished.cpu + 0.1


def test_bytes_of_a_process_that_ended_count_once() -> None:
    child = "import time; open('/dev/zero', 'rb').read(50_000_000); time.sleep(0.6)"
    code = (
        f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {child!r}]);"
        " time.sleep(0.6)"
    )
    watch = Watch()
    begin = time.perf_counter()
    run([sys.executable, "-c", code], on_start=watch.start)
    used = between(watch.stop(), 0, time.perf_counter() - begin)
    assert 50_000_000 < used.read < 75_000_000


def test_results_replace_their_part_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n\nbefore\n")
    markdown.write(page, "size-S", Report(claims=[Claim("first", 1.0, 2.0)]))
    page.write_text(page.read_text() + "\nafter\n")
    markdown.write(page, "size-S", Report(claims=[Claim("second", 1.0, 2.0)]))
    text = page.read_text()
    assert "before" in text and "after" in text and "second" in text and "first" not in text
    assert f"date {machine.describe()[0][1][:10]}" in text


def test_no_line_of_the_page_is_longer_than_120_characters() -> None:
    rows = [(f"mart_{number}", number, number, "yes") for number in range(99)]
    many = Table("many", ["mart", "rows served", "rows", "equal"], rows)
    noted = Report(tables=[many], notes=["a long note " * 30])
    text = markdown.as_markdown(noted)
    assert max(map(len, text.splitlines())) <= 120
    assert "(mart, rows served = rows, equal yes in every row)" in text and "mart_98 98." in text
    with pytest.raises(ValueError, match="longer than 120"):
        markdown.as_markdown(Report(tables=[Table("wide", ["a"], [("b" * 120,)])]))


def test_a_size_that_the_disk_cannot_hold_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "DISK_GB", {"S": 10**9})
    with pytest.raises(BenchmarkError, match="needs 1000000000 GB of free disk"):
        next(sizes.measure(tmp_path / "bench", "S"))
    assert not list((tmp_path / "bench").iterdir())


def test_every_size_has_its_disk_and_memory() -> None:
    assert sizes.CUSTOMERS.keys() == sizes.DISK_GB.keys() == peers.PANDAS_NEEDS_GB.keys()


def test_a_full_build_alone_needs_less_disk_than_one_with_incremental_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "DISK_GB", {"S": 10**9})
    with pytest.raises(BenchmarkError, match="needs 750000000 GB of free disk"):
        sizes.check_disk(tmp_path, "S", shares=())
