"""The private warehouse as a file: one writer at a time, and the key that models read."""

from __future__ import annotations

import hashlib
import hmac
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dagster_project.errors import BusyError
from dagster_project.settings import load_settings
from dagster_project.warehouse import Warehouse, WriterLock

HOLD = (
    "import sys, pathlib; from dagster_project.warehouse import WriterLock\n"
    "with WriterLock(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    home = {"LIFECYCLE_HOME": str(tmp_path), "LIFECYCLE_PII_KEY": "a key" * 20}
    return Warehouse(load_settings(home))


def test_a_second_process_learns_who_is_writing_until_the_first_has_died(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(BusyError, match=f"process {holder.pid}"), WriterLock(path):
        pass
    holder.kill()
    holder.communicate()
    with WriterLock(path):
        pass


def test_the_same_process_may_enter_twice_and_lets_go_once(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.lock"
    with WriterLock(path), WriterLock(path):
        pass
    taken = subprocess.run(
        [sys.executable, "-c", HOLD, str(path)],
        input="",
        text=True,
        capture_output=True,
        check=True,
    )
    assert taken.stdout == "held\n"


def test_connections_are_in_utc(warehouse: Warehouse) -> None:
    with warehouse.connect() as connection:
        assert connection.execute(
            "select cast(timestamptz '2024-01-01 00:00:00+02' as timestamp)::varchar"
        ).fetchone() == ("2023-12-31 22:00:00",)


def test_a_file_open_elsewhere_is_busy_in_words(warehouse: Warehouse) -> None:
    with warehouse.connect():
        other = subprocess.run(
            [
                sys.executable,
                "-c",
                "import sys; from dagster_project.warehouse import Warehouse, connection\n"
                "from dagster_project.settings import load_settings\n"
                "connection.WAIT_FOR_READERS_SECONDS = 0\n"
                "with Warehouse(load_settings({'LIFECYCLE_HOME': sys.argv[1]})).connect(): pass",
                str(warehouse.settings.home),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    assert "BusyError" in other.stderr
    assert "warehouse.duckdb" in other.stderr


def test_a_writer_waits_for_who_only_looks(warehouse: Warehouse) -> None:
    with warehouse.connect():
        pass
    look = (
        "import sys, duckdb; connection = duckdb.connect(sys.argv[1], read_only=True)\n"
        "print('open', flush=True); sys.stdin.readline()"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", look, str(warehouse.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdin is not None and reader.stdout is not None
    assert reader.stdout.readline() == "open\n"
    leaving = threading.Timer(1, reader.communicate, ["\n"])
    leaving.start()
    with warehouse.connect() as connection:
        assert reader.poll() == 0
        connection.execute("create table written as select 1 as one")
    leaving.join()


def test_nothing_beside_the_warehouse_is_for_others_while_it_is_open(warehouse: Warehouse) -> None:
    with warehouse.connect() as connection:
        connection.execute("create table people as select 'ann@example.com' as email")
        files = [path for path in warehouse.path.parent.iterdir() if path.is_file()]
        assert warehouse.path.with_name("warehouse.duckdb.wal") in files
        assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in files} == {0}


def test_pseudonyms_are_hmac_sha256_also_for_keys_longer_than_a_block(warehouse: Warehouse) -> None:
    """The macro's SQL against Python's hmac."""
    message = "email::ann@example.com"
    with warehouse.connect() as connection:
        warehouse.install_pseudonym_key(connection)
        row = connection.execute(
            "select substr(sha256(outer_pad || unhex(sha256(inner_pad || encode($1)))), 1, 32)"
            " from ingest.pseudonym_key",
            [message],
        ).fetchone()
    key = b"a key" * 20
    assert row == (hmac.new(key, message.encode(), hashlib.sha256).hexdigest()[:32],)
