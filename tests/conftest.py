"""Fixtures shared by all tests. A build takes tens of seconds: each of these is built once a session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.installation import ROOT, Installation

NewInstallation = Callable[..., Installation]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The demo company, built with the default settings."""
    installation = Installation(tmp_path_factory.mktemp("demo"))
    installation.build()
    return installation


@pytest.fixture(scope="session")
def new_installation(
    demo: Installation, tmp_path_factory: pytest.TempPathFactory
) -> NewInstallation:
    """A function that makes an empty installation; keyword arguments are settings."""

    def make(**settings: str) -> Installation:
        installation = Installation(tmp_path_factory.mktemp("home"), settings)
        installation.remember_parsing_of(demo)
        return installation

    return make


@pytest.fixture(scope="session")
def golden(new_installation: NewInstallation) -> Installation:
    """The hand-worked customers of tests/golden/."""
    installation = new_installation(
        LANDING=str(ROOT / "tests" / "golden" / "landing"),
        SYSTEMS="generic",
        CURRENCY="EUR",
        AS_OF="2025-07-01",
    )
    installation.build()
    return installation


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """An empty landing folder for system `generic`."""
    (tmp_path / "landing" / "generic").mkdir(parents=True)
    return tmp_path / "landing"
