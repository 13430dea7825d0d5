"""Dagster's event log with its files kept open: nothing lost, everybody can read it."""

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from dagster_project.event_log import KEPT_RUNS, KeptOpenEventLog


@dg.asset
def counted() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"rows": 3})


def instance_in(folder: Path) -> dg.DagsterInstance:
    (folder / "dagster.yaml").write_text(
        "telemetry: {enabled: false}\n"
        "event_log_storage:\n  module: dagster_project.event_log\n  class: KeptOpenEventLog\n"
        f"  config: {{base_dir: '{folder / 'runs'}'}}\n"
    )
    return dg.DagsterInstance.from_config(str(folder))


def open_databases(folder: Path) -> list[str]:
    """The SQLite files in the folder this process holds open, without the write-ahead logs beside them.
    SQLite may hold a file twice: it closes a handle only once no other of the process locks the file."""
    held = [fd.readlink() for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink()]
    return sorted({path.name for path in held if path.parent == folder and path.suffix == ".db"})


def test_another_reader_sees_every_event_while_the_files_are_open(tmp_path: Path) -> None:
    with instance_in(tmp_path) as instance:
        result = dg.materialize([counted], instance=instance)
        own = SqliteEventLogStorage(base_dir=str(tmp_path / "runs"))
        logged = [
            record.event_log_entry.dagster_event
            for record in own.get_records_for_run(result.run_id).records
            if record.event_log_entry.dagster_event
        ]
        assert [event.event_type for event in logged if event.is_step_event] == [
            event.event_type for event in result.all_events if event.is_step_event
        ]
        latest = own.get_latest_materialization_events([dg.AssetKey("counted")])
        assert latest[dg.AssetKey("counted")].run_id == result.run_id


def test_each_file_is_opened_once_and_only_the_last_runs_stay_open(tmp_path: Path) -> None:
    with instance_in(tmp_path) as instance:
        runs = [dg.materialize([counted], instance=instance).run_id for _ in range(KEPT_RUNS + 2)]
        files = open_databases(tmp_path / "runs")
        assert files == sorted(["index.db", *(f"{run}.db" for run in runs[-KEPT_RUNS:])])
        assert isinstance(instance.event_log_storage, KeptOpenEventLog)
    assert open_databases(tmp_path / "runs") == []


def test_the_file_is_asked_for_its_tables_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = SqliteEventLogStorage.has_table

    def noted(self: SqliteEventLogStorage, table_name: str) -> bool:
        asked.append(table_name)
        return real(self, table_name)

    monkeypatch.setattr(SqliteEventLogStorage, "has_table", noted)
    with instance_in(tmp_path) as instance:
        for _ in range(3):
            dg.materialize([counted], instance=instance)
        assert sorted(set(asked)) == sorted(asked)
        asked.clear()
        storage = instance.event_log_storage
        assert isinstance(storage, KeptOpenEventLog)
        assert [storage.has_table("no_such_table") for _ in range(2)] == [False, False]
        assert len(asked) == 2, "what is not there may come"
