"""The `lifecycle` command reports what happened in words and in its exit code. The build itself is replaced
here by one that publishes a tiny warehouse; the real one is tested end to end."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project import progress, settings
from dagster_project.cli import main
from dagster_project.errors import CheckFailedError
from dagster_project.publication import layout
from dagster_project.publication.publish import publish
from dagster_project.publication.report_types import BuildInfo, BuildReport
from dagster_project.report import files
from dagster_project.settings import Settings
from dagster_project.warehouse.builds import (
    fail_if_running,
    record_failure,
    record_published,
    start_build,
)

SECRET = "jana@example.org"
RunBuild = Callable[..., BuildReport]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation of its own: an empty home, one delivered file, no .env."""
    (tmp_path / "landing" / "generic").mkdir(parents=True)
    (tmp_path / "landing" / "generic" / "orders.csv").write_text("order_id,ordered_at\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIFECYCLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LIFECYCLE_LANDING", str(tmp_path / "landing"))
    monkeypatch.setenv("LIFECYCLE_SYSTEMS", "generic")
    monkeypatch.setattr(settings, "known_systems", lambda: ("demo", "generic"))
    interrupted = signal.getsignal(signal.SIGINT)
    yield tmp_path / "home"
    signal.signal(signal.SIGINT, interrupted)
    progress.install(None)


def fill_warehouse(path: Path, build_id: str, *, passed: bool = True) -> None:
    """A private warehouse just after the audit."""
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    now = datetime(2025, 3, 1, 2)
    with duckdb.connect(str(path)) as connection:
        start_build(connection, build_id, started_at=now, systems=("generic",))
        if passed:
            record_published(connection, build_id, finished_at=now)
        else:
            record_failure(connection, build_id, "Check order_key failed on core.fct_orders.")
        fail_if_running(connection, build_id, finished_at=now)
        connection.execute(f"""
            create schema core; create schema lifecycle; create schema ingest;
            create table core.dim_lifecycle_stages as from (values
                ('relationship', 'prospect', 1, 'Purchase consideration', 'Nákupní fáze'),
                ('relationship', 'lost', 5, 'Customer loss', 'Fáze ztráty zákazníka'),
                ('journey', 'advocacy', 5, 'Advocacy', 'Propagace značky'))
                as stages(lifecycle, stage, rank, label_en, label_cs);
            create table core.dim_customers as
                select 'prospect' as relationship_stage, 'advocacy' as journey_stage
                from range(1234);
            create table lifecycle.customers_in_lost as select 'x' as customer_id where false;
            create table core.fct_orders as
                select 'c' as customer_id, i < 2 as is_counted, 10.50::decimal(18, 2) as net_amount,
                'EUR' as currency_code from range(3) as t(i);
            create table ingest.loads as select 'l' as load_id, 'generic' as system,
                'orders' as entity, 'orders.csv' as location, 7 as physical_records,
                4 as accepted_records, 2 as quarantined_records, 1 as redelivered_records,
                'loaded' as status, '{build_id}' as build_id;
            create table ingest.quarantine as select 'q' || i as quarantine_id, 'generic' as system,
                'orders' as entity, 'orders.csv' as location, i as line_number,
                '{SECRET}'::blob as raw_bytes, 'no order_id' as reason, 'open' as status,
                timestamp '2025-03-01 02:00' as quarantined_at from range(3) as t(i);
            create table meta.data_quality_results as from (values
                ('{build_id}', 'mart_orders', 'order_key', 'core.fct_orders', {passed}, '1 row',
                 'error', now()::timestamp),
                ('{build_id}', 'mart_orders', 'volume', 'core.fct_orders', false, '3', 'warning',
                 now()::timestamp)) as results(build_id, suite, check_name, relation, passed,
                observed, severity, checked_at);
        """)


def publish_build(home: Path, build_id: str) -> None:
    fill_warehouse(home / "warehouse.duckdb", build_id)
    publish(
        home / "warehouse.duckdb",
        home / "served",
        build=BuildInfo(
            build_id, date(2025, 3, 1), datetime(2025, 3, 1), datetime(2025, 3, 1), "test",
            ("generic",),
        ),
        comments={},
    )  # fmt: skip


def use_build(monkeypatch: pytest.MonkeyPatch, run_build: RunBuild) -> None:
    module = types.ModuleType("dagster_project.cli.launch")
    module.run_build = run_build  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dagster_project.cli.launch", module)


def good_build(settings: Settings, *, as_of: date | None, **_: Any) -> BuildReport:
    with progress.step("publish"):
        progress.advance("publish", 1, 2)
        publish_build(settings.home, "build-1")
    return BuildReport("build-1", as_of or date(2025, 3, 1), True, settings.served_folder)


def hold_open(path: Path) -> subprocess.Popen[str]:
    """Another process that has the database open for writing."""
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "1\n"
    return process


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from dagster_project.cli import main; code = main(['--help']); "
        "heavy = {'duckdb', 'rich', 'pydantic', 'dagster', 'yaml', 'dotenv'} & set(sys.modules); "
        "sys.exit(f'{code} {heavy}' if code or heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "quarantine" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [[], ["nonsense"], ["build", "--as-of", "tomorrow"], ["quarantine"],
     ["quarantine", "list", "--limit", "0"]],
)  # fmt: skip
def test_unusable_arguments(arguments: list[str]) -> None:
    assert main(arguments) == 2


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        ("biuld", "build"),
        ("quar", "quarantine"),
        ("quarantine lsit", "list"),
        ("identify emial", "email"),
        ("build --ful-refresh", "--full-refresh"),
        ("rollback --too=build-1", "--to"),
        ("export --lkae lake", "--lake"),
        ("calibrate --acept x", "--accept"),
    ],
)
def test_a_mistyped_word_is_recognised(
    arguments: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments.split()) == 2
    assert capsys.readouterr().err.endswith(f"\n  did you mean {meant}?\n")


@pytest.mark.parametrize("arguments", ["zzz", "build --xyz", "build --as-of 2025-13-01"])
def test_nothing_is_suggested_for_what_is_like_nothing(
    arguments: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments.split()) == 2
    assert "did you mean" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("lifecycle bu", "build"),
        ("lifecycle build --f", "--full-refresh"),
        ("lifecycle quarantine list --s", "--system"),
        ("lifecycle identify em", "email"),
    ],
)
def test_bash_completes(words: str, completed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out + (
        f"COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _shtab_lifecycle;"
        ' echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [completed]


def test_zsh_has_a_script(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "zsh"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("#compdef lifecycle\n") and "--full-refresh" in out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("lifecycle 0.")


def test_unusable_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIFECYCLE_SYSTEMS", "nosuch")
    assert main(["status"]) == 2
    assert main(["doctor"]) == 2
    captured = capsys.readouterr()
    assert "where: setting LIFECYCLE_SYSTEMS" in captured.err
    assert "fail  settings" in captured.out


def test_published_build(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: dict[str, Any] = {}

    def run_build(settings: Settings, **options: Any) -> BuildReport:
        asked.update(options)
        return good_build(settings, **options)

    use_build(monkeypatch, run_build)
    assert main(["build", "--as-of", "2025-02-03", "--full-refresh"]) == 0
    assert asked == {
        "as_of": date(2025, 2, 3),
        "known_at": None,
        "full_refresh": True,
        "make_current": False,
    }
    out = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "generic orders 1 7 4 2 1 7" in lines
    assert "prospect Nákupní fáze Purchase consideration 1 234 100.0" in lines
    assert "lost Fáze ztráty zákazníka Customer loss 0 0.0" in lines
    assert "3 2 3 21.00 EUR" in lines
    assert "mart 1 1 0" in lines
    assert "warn mart_orders volume core.fct_orders 3" in lines
    assert any(line.startswith("publish ") for line in lines)
    assert "Published: build build-1, as of 2025-02-03." in lines
    assert str(home / "served" / "lifecycle.duckdb") in out


def test_a_date_is_handed_on_when_given_and_else_left_to_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[date | None] = []

    def run_build(settings: Settings, *, as_of: date | None, **_: Any) -> BuildReport:
        seen.append(as_of)
        return BuildReport("b", as_of, False, settings.served_folder, ["No."])

    use_build(monkeypatch, run_build)
    monkeypatch.setenv("LIFECYCLE_AS_OF", "2025-01-31")
    assert main(["build"]) == 1
    assert main(["build", "--as-of", "2025-01-01"]) == 1
    assert seen == [None, date(2025, 1, 1)]


def test_failed_build(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_build(home, "build-1")

    def run_build(settings: Settings, **_: Any) -> BuildReport:
        fill_warehouse(settings.warehouse_path, "build-2", passed=False)
        return BuildReport(
            "build-2", None, False, settings.served_folder, ["Check failed.\n  where: x", "No."]
        )

    use_build(monkeypatch, run_build)
    assert main(["build"]) == 1
    out = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "generic orders 1 7 4 2 1 7" in lines
    assert "fail mart_orders order_key core.fct_orders 1 row" in lines
    assert "\n  - Check failed.\n    where: x\n  - No.\n" in out
    assert "NOT published: build build-2. The served build is as it was." in lines
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    assert "build-1" in out
    assert "was not published: build-2, failed" in out
    assert "- Check order_key failed on core.fct_orders." in out


def test_errors_a_person_can_act_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run_build(settings: Settings, **_: Any) -> BuildReport:
        raise CheckFailedError("Order keys repeat.", where="core.fct_orders", todo="Look there.")

    use_build(monkeypatch, run_build)
    assert main(["build"]) == 1
    captured = capsys.readouterr()
    assert captured.err == (
        "lifecycle: Order keys repeat.\n  where: core.fct_orders\n  to do: Look there.\n"
    )
    assert "Traceback" not in captured.out


@pytest.mark.parametrize("writable", [True, False])
def test_unexpected_errors(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    writable: bool,
) -> None:
    def run_build(settings: Settings, **_: Any) -> BuildReport:
        raise ValueError(f"Could not convert string '{SECRET}' to DATE; call +420 777 123 456")

    use_build(monkeypatch, run_build)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "temporary"))
    if not writable:
        home.write_text("a file in the way")
    assert main(["build"]) == 1
    error = capsys.readouterr().err
    assert "Traceback" not in error and SECRET not in error and "777" not in error
    log = Path(error.split("the whole trace: ")[1].strip())
    assert log.is_relative_to(home if writable else tmp_path / "temporary")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    trace = log.read_text()
    assert "Traceback" in trace and "run_build" in trace
    assert SECRET not in trace and "777" not in trace


@pytest.mark.parametrize(
    ("earlier", "published", "words"),
    [
        (None, None, "nothing was published."),
        ("build-1", None, "nothing was published; readers see build build-1 as before."),
        ("build-1", "build-2", "build build-2 had been published; what follows"),
    ],
)
def test_interruption(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    earlier: str | None,
    published: str | None,
    words: str,
) -> None:
    if earlier is not None:
        publish_build(home, earlier)

    def run_build(settings: Settings, **_: Any) -> BuildReport:
        if published is not None:
            publish_build(home, published)
        raise KeyboardInterrupt

    use_build(monkeypatch, run_build)
    assert main(["build"]) == 130
    error = capsys.readouterr().err
    assert error.startswith(f"lifecycle: interrupted: {words}")
    assert error.count("\n") == 1


def test_what_fails_after_publication_is_reported(
    monkeypatch: pytest.MonkeyPatch, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(settings: Settings, **options: Any) -> BuildReport:
        publish_build(settings.home, "build-1")
        failures = ["The report cannot be written."]
        return BuildReport("build-1", date(2025, 3, 1), True, settings.served_folder, failures)

    use_build(monkeypatch, build)
    assert main(["build"]) == 1
    out = capsys.readouterr().out
    assert "Published: build build-1" in out
    assert "A step after publication failed:\n  - The report cannot be written." in out
    assert re.search(r"report for people +none", out)


def test_a_run_that_fails_after_publication_has_published(
    monkeypatch: pytest.MonkeyPatch, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What readers see decides, not whether the run got as far as recording it."""

    def build(settings: Settings, **options: Any) -> BuildReport:
        publish_build(settings.home, "build-1")
        return BuildReport("build-1", None, False, settings.served_folder, [])

    use_build(monkeypatch, build)
    assert main(["build"]) == 1
    out = capsys.readouterr().out
    assert "Published: build build-1, as of 2025-03-01." in out
    assert "The run failed after publication" in out
    assert "NOT published" not in out


def test_the_report_is_named_where_there_is_one(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_build(home, "build-1")
    files.write(home / "reports", "build-1", "<p>")
    assert main(["status"]) == 0
    assert str(home / "reports" / "build-1" / "index.html") in capsys.readouterr().out


def test_status_and_rollback(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 1
    assert "Nothing is published" in capsys.readouterr().out
    assert main(["rollback"]) == 1
    assert "Nothing was published" in capsys.readouterr().err
    publish_build(home, "build-1")
    publish_build(home, "build-2")
    assert main(["rollback"]) == 0
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    assert "Readers now see build build-1, as of 2025-03-01." in out
    assert "Rolled back: a newer build is kept and is not the current one." in out
    assert "Quarantine: 3 open; see `lifecycle quarantine list`." in out
    assert "Propagace značky" in out
    assert main(["rollback", "--to", "build-2"]) == 0
    assert main(["rollback", "--to", "build-7"]) == 1


def test_status_while_a_build_runs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish_build(home, "build-1")
    process = hold_open(home / "warehouse.duckdb")
    try:
        assert main(["status"]) == 0
        out = capsys.readouterr().out
        assert "A build is running, or another process" in out and f"(PID {process.pid})" in out
        assert main(["quarantine", "list"]) == 1
        assert main(["doctor"]) == 0
        assert "warn  warehouse" in capsys.readouterr().out
    finally:
        process.communicate("\n", timeout=20)


def test_status_of_builds_that_did_not_end(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish_build(home, "build-1")
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        start_build(connection, "build-2", started_at=datetime(2025, 3, 2), systems=("generic",))
    for content, expected in (
        (f"process {os.getpid()}", "Build build-2 has been running since 2025-03-02 00:00:00 UTC."),
        ("process 99999999", "build-2, ended without a result"),
        ("", "build-2, ended without a result"),
    ):
        (home / "warehouse.lock").write_text(content)
        assert main(["status"]) == 0
        assert expected in capsys.readouterr().out


def test_quarantine_list(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quarantine", "list"]) == 1
    assert "Run `lifecycle build`" in capsys.readouterr().err
    publish_build(home, "build-1")
    assert main(["quarantine", "list", "--system", "generic", "--limit", "2"]) == 0
    out = capsys.readouterr().out
    assert "no order_id" in out and "2025-03-01 02:00" in out and "2 of 3 open" in out
    assert "q1" in out and "q2" not in out
    assert SECRET not in out
    assert main(["quarantine", "list", "--entity", "reviews' or true --"]) == 0
    assert "No record is quarantined." in capsys.readouterr().out


def test_doctor_finds_what_is_wrong(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def findings() -> tuple[int, str]:
        code = main(["doctor"])
        return code, capsys.readouterr().out

    assert findings()[0] == 0
    publish_build(home, "build-1")
    (home / "pii.key").touch(mode=0o600)
    code, out = findings()
    assert code == 0 and "0 warnings, 0 failures" in out, out
    assert "orders (1 file in" in out

    (home / "pii.key").chmod(0o644)
    code, out = findings()
    assert code == 1 and "fail key: Run: chmod 600" in out
    (home / "pii.key").chmod(0o600)

    folder = home / "served" / "builds" / "build-1"
    wal = folder / f"{layout.DATABASE}.wal"
    wal.touch()
    code, out = findings()
    assert code == 1 and "fail  leftovers" in out
    wal.unlink()

    # A copy under the published name: its catalog is then named like the schema `lifecycle`.
    link = home / "served" / "lifecycle.duckdb"
    link.unlink()
    link.write_bytes((folder / layout.DATABASE).read_bytes())
    code, out = findings()
    assert code == 1 and "Ambiguous reference" in out
    link.unlink()

    monkeypatch.setenv("LIFECYCLE_LANDING", str(tmp_path / "nowhere"))
    code, out = findings()
    assert code == 1 and "fail  landing generic" in out
    (home / "warehouse.duckdb").write_bytes(b"no database" * 1000)
    assert "fail  warehouse" in findings()[1]


def test_doctor_when_the_home_cannot_be_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIFECYCLE_HOME", "/proc/lifecycle")
    assert main(["doctor"]) == 1
    assert "fail  home" in capsys.readouterr().out


def test_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "140")
    use_build(monkeypatch, good_build)
    assert main(["build"]) == 0
    out = capsys.readouterr().out
    assert "Nákupní fáze" in out and "publish" in out and "Published: build build-1" in out
