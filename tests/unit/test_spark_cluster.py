"""The errors when something for the Spark cluster is missing; and no process is left behind."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dagster_project.errors import UserError
from spark import cluster
from spark.cluster import Size, check_java, find_spark, running


def _program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"needs Java, and there is none[\s\S]*Install Java 17"):
        check_java()


@pytest.mark.parametrize(
    ("version", "is_enough"),
    [
        ('openjdk version "17.0.15"', True),
        ('openjdk version "21"', True),
        ('java version "1.8.0"', False),
    ],
)
def test_java_must_be_new_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, is_enough: bool
) -> None:
    _program(tmp_path / "bin" / "java", f"echo '{version}' >&2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    if is_enough:
        assert check_java() == version
    else:
        with pytest.raises(UserError, match="too old"):
            check_java()


def test_no_environment_no_pyspark_no_spark_class(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no environment for Spark"):
        find_spark(tmp_path / "python")
    without = _program(tmp_path / "without", f'exec {sys.executable} -S -E -c "import nothing"')
    with pytest.raises(UserError, match="pyspark is not installed"):
        find_spark(without)
    thin = _program(tmp_path / "thin", f"echo {tmp_path}")
    with pytest.raises(UserError, match="without `spark-class`"):
        find_spark(thin)
    _program(tmp_path / "bin" / "spark-class", "exit 0")
    assert find_spark(thin) == tmp_path


def test_a_cluster_that_does_not_start_is_reported_with_its_log(tmp_path: Path) -> None:
    _program(tmp_path / "bin" / "spark-class", "echo no; exit 1")
    with (
        pytest.raises(UserError, match=r"ended while starting[\s\S]*master\.log"),
        running(tmp_path, tmp_path / "cluster", Size()),
    ):
        raise AssertionError("it runs")


def test_everything_ends_with_the_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(
        tmp_path / "bin" / "spark-class",
        "echo Starting Spark master at spark://127.0.0.1:7; echo Successfully registered with master\n"
        f"echo $$ >> {tmp_path}/pids; exec sleep 60",
    )
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 20.0)
    with running(tmp_path, tmp_path / "cluster", Size(workers=2)) as address:
        assert address == "spark://127.0.0.1:7"
        pids = (tmp_path / "pids").read_text().split()
        assert len(pids) == 3
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
