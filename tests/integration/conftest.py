"""Fixtures that several integration tests share. Belongs here: the installations whose marts are recomputed
from the delivered files. Does not belong here: building them (`tests/conftest.py`)."""

from __future__ import annotations

import pytest

from tests.support.delivered import Delivered, delivered_to
from tests.support.installation import Installation


@pytest.fixture(scope="module", params=["demo", "golden"])
def installation(request: pytest.FixtureRequest) -> Installation:
    """The demo and the golden installation in turn."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Installation)
    return found


@pytest.fixture(scope="module")
def delivered(installation: Installation) -> Delivered:
    """The files delivered to the installation."""
    return delivered_to(installation)
