"""Fixtures shared by all tests. A build takes tens of seconds: each of these is built once, by one worker for
all of them."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.installation import ROOT, Installation

NewInstallation = Callable[..., Installation]
Built = Callable[..., Installation]
JULY = "2025-07-17"
ORDERS_ALONE = ROOT / "tests" / "support" / "orders_alone"
QUICK = (ROOT / "tests" / "unit", ROOT / "tests" / "conventions")


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What `make check` runs: unit and convention tests, but for those that are marked as thorough or slow."""
    for item in items:
        is_long = item.get_closest_marker("thorough") or item.get_closest_marker("slow")
        if not is_long and any(item.path.is_relative_to(folder) for folder in QUICK):
            item.add_marker("quick")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this session see."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def new_installation(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> NewInstallation:
    """A function that makes an empty installation; keyword arguments are settings."""

    def make(**settings: str) -> Installation:
        empty = Installation(tmp_path_factory.mktemp("home"), settings, shared / "parsed")
        return empty.take_over_parsing()

    return make


@pytest.fixture(scope="session")
def built(
    new_installation: NewInstallation, shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Built:
    """A function that gives this worker a copy of its own of an installation that the first worker to ask
    builds, by the command's arguments and settings, while the others wait."""

    def give(name: str, *arguments: str, **settings: str) -> Installation:
        original = Installation(shared / name, settings, shared / "parsed")
        with (shared / f"{name}.lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.seek(0)
            if not lock.read():
                shutil.rmtree(original.home, ignore_errors=True)  # of a worker that failed
                original.take_over_parsing().build(*arguments)
                lock.write("built")
        return original.copied_to(new_installation(**settings))

    return give


@pytest.fixture(scope="session")
def demo(built: Built) -> Installation:
    """The demo company, built with the default settings."""
    return built("demo")


@pytest.fixture(scope="session")
def july(built: Built) -> Installation:
    """The demo company in the middle of a month of 2025; later records are delivered and do not count."""
    return built("july", "--as-of", JULY)


@pytest.fixture(scope="session")
def golden(built: Built) -> Installation:
    """The hand-worked customers of tests/golden/."""
    return built(
        "golden",
        LANDING=str(ROOT / "tests" / "golden" / "landing"),
        SYSTEMS="generic",
        CURRENCY="EUR",
        AS_OF="2025-07-01",
    )


@pytest.fixture(scope="session")
def orders_alone(built: Built) -> Installation:
    """A shop that delivers nothing but three orders, one of them unidentified."""
    return built("orders_alone", LANDING=str(ORDERS_ALONE), SYSTEMS="generic")


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """An empty landing folder for system `generic`."""
    (tmp_path / "landing" / "generic").mkdir(parents=True)
    return tmp_path / "landing"
