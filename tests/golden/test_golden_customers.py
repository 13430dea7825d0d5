"""The hand-worked customers come out of a real build exactly, times included."""

from __future__ import annotations

from tests.golden.checker import compare
from tests.support.installation import Installation


def test_golden_customers_come_out_exactly(golden: Installation) -> None:
    with golden.private() as connection:
        differences = compare(connection)
    assert differences == []
