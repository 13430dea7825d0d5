"""Dagster's event storage with its file kept open: nothing lost, everybody can read it."""

from __future__ import annotations

import threading
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy
from sqlalchemy.engine import Engine

from dagster_project.instance.home import prepare_home
from dagster_project.instance.private_names import ConsolidatedSqliteEventLogStorage
from dagster_project.instance.storage import KeptOpenEventLog
from dagster_project.settings import load_settings


@dg.asset
def counted() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"rows": 3})


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dg.DagsterInstance:
    """Dagster's instance of a home as `lifecycle` prepares it."""
    monkeypatch.setenv("DAGSTER_HOME", "")
    settings = load_settings({"LIFECYCLE_HOME": str(tmp_path)})
    prepare_home(settings)
    return dg.DagsterInstance.from_config(str(settings.dagster_home))


def test_another_reader_sees_every_event_while_the_file_is_open(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with instance:
        assert isinstance(instance.event_log_storage, KeptOpenEventLog)
        result = dg.materialize([counted], instance=instance)
        own = ConsolidatedSqliteEventLogStorage(base_dir=str(tmp_path / "dagster"))
        logged = [
            record.event_log_entry.dagster_event
            for record in own.get_records_for_run(result.run_id).records
            if record.event_log_entry.dagster_event
        ]
        assert [event.event_type for event in logged if event.is_step_event] == [
            event.event_type for event in result.all_events if event.is_step_event
        ]
        latest = own.get_latest_materialization_events([dg.AssetKey("counted")])
        assert latest[dg.AssetKey("counted")] is not None


def test_the_file_is_opened_once(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    with instance:
        dg.materialize([counted], instance=instance)
        opened: list[str] = []
        real = sqlalchemy.create_engine

        def noted(url: str, **options: object) -> Engine:
            opened.append(url)
            return real(url, **options)

        monkeypatch.setattr(sqlalchemy, "create_engine", noted)
        for _ in range(2):
            dg.materialize([counted], instance=instance)
        assert [url for url in opened if "event_log" in url] == []


def test_threads_take_turns(instance: dg.DagsterInstance) -> None:
    with instance:
        run = dg.materialize([counted], instance=instance).run_id
        log = instance.event_log_storage
        before = len(log.get_records_for_run(run).records)
        (event,) = log.get_records_for_run(run, limit=1).records

        def write() -> None:
            for _ in range(20):
                log.store_event(event.event_log_entry)

        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(log.get_records_for_run(run, limit=1000).records) == before + 80


def test_a_copied_home_writes_into_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "other"):
        settings = load_settings({"LIFECYCLE_HOME": str(tmp_path / name)})
        monkeypatch.setenv("DAGSTER_HOME", "")
        prepare_home(settings)
        text = (settings.dagster_home / "dagster.yaml").read_text()
        assert str(tmp_path) not in text
        with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
            run = dg.materialize([counted], instance=instance).run_id
            assert instance.event_log_storage.get_records_for_run(run).records
        assert (settings.dagster_home / "event_log.db").exists()
