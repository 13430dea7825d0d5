"""Dagster's event log with its files kept open: nothing lost, everybody can read it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy
from dagster._core.events import AssetMaterializationPlannedData, DagsterEvent
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy.engine import Connection, Engine

from dagster_project.instance.event_log import BATCH_SIZE, KEPT_RUNS, KeptOpenEventLog


@dg.asset
def counted() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"rows": 3})


def instance_in(folder: Path) -> dg.DagsterInstance:
    (folder / "dagster.yaml").write_text(
        "telemetry: {enabled: false}\n"
        "event_log_storage:\n  module: dagster_project.instance.event_log\n  class: KeptOpenEventLog\n"
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


def planned(number: int, run_id: str = "one") -> dg.EventLogEntry:
    """What a run writes of an asset that it is going to make."""
    event = DagsterEvent.build_asset_materialization_planned_event(
        "a job", "a step", AssetMaterializationPlannedData(asset_key=dg.AssetKey(f"table_{number}"))
    )
    return dg.EventLogEntry(
        error_info=None, level=10, user_message="", run_id=run_id, timestamp=float(number + 1),
        step_key="a step", job_name="a job", dagster_event=event,
    )  # fmt: skip


@pytest.fixture
def commits() -> Iterator[list[Connection]]:
    """Every transaction that wrote, of any engine."""
    seen: list[Connection] = []
    note = seen.append
    sqlalchemy.event.listen(Engine, "commit", note)
    yield seen
    sqlalchemy.event.remove(Engine, "commit", note)


def test_what_a_run_plans_comes_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BATCH_SIZE, raising=False)
    batches: list[int] = []
    real = KeptOpenEventLog.store_event_batch

    def noted(self: KeptOpenEventLog, events: Sequence[dg.EventLogEntry]) -> None:
        batches.append(len(events))
        real(self, events)

    monkeypatch.setattr(KeptOpenEventLog, "store_event_batch", noted)

    @dg.multi_asset(specs=[dg.AssetSpec(f"table_{number}") for number in range(20)])
    def tables() -> Iterator[dg.MaterializeResult[None]]:
        yield from (dg.MaterializeResult(asset_key=f"table_{number}") for number in range(20))

    with instance_in(tmp_path) as instance:
        run = dg.materialize([tables], instance=instance)
        log = instance.event_log_storage
        for kind in (dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED,
                     dg.DagsterEventType.ASSET_MATERIALIZATION):  # fmt: skip
            assert len(log.get_records_for_run(run.run_id, of_type=kind).records) == 20
            filtered = dg.EventRecordsFilter(kind, asset_key=dg.AssetKey("table_7"))
            assert len(log.get_event_records(filtered)) == 1
    assert batches == [20]


def test_a_batch_is_one_transaction_of_each_file(tmp_path: Path, commits: list[Connection]) -> None:
    log = KeptOpenEventLog(str(tmp_path))
    log.store_event(planned(0))
    commits.clear()
    log.store_event_batch([planned(number) for number in range(1, 50)])
    assert len(commits) == 2
    assert len(log.get_records_for_run("one").records) == 50
    log.store_event(planned(50))
    assert len(log.get_records_for_run("one").records) == 51, "after a batch each counts again"


def test_a_batch_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = KeptOpenEventLog(str(tmp_path))
    real = KeptOpenEventLog.store_event

    def failing(self: KeptOpenEventLog, event: dg.EventLogEntry) -> None:
        real(self, event)
        if event.timestamp == 5:
            raise OSError("no space left on the device")

    with monkeypatch.context() as broken, pytest.raises(OSError, match="no space"):
        broken.setattr(KeptOpenEventLog, "store_event", failing)
        log.store_event_batch([planned(number) for number in range(10)])
    assert log.get_records_for_run("one").records == []
    assert log.all_asset_keys() == []
    log.store_event_batch([planned(number) for number in range(10)])
    assert len(log.get_records_for_run("one").records) == 10
    assert len(log.all_asset_keys()) == 10
