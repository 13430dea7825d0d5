"""The marts are right however the same records are delivered, and whichever entities are delivered."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import NewInstallation
from tests.support.installation import ROOT, Installation

DEMO = ROOT / "seeds" / "demo" / "demo"


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def _is_line_wise(path: Path) -> bool:
    """A text file of which every line is a record, so that a test may rearrange lines."""
    if path.suffix not in (".csv", ".jsonl"):
        return False
    return all(line.count(b'"') % 2 == 0 or path.suffix == ".jsonl" for line in _lines(path))


def _header(path: Path) -> int:
    return 1 if path.suffix == ".csv" else 0


def _twice(path: Path) -> None:
    shutil.copy(path, path.with_name(f"{path.stem}_again{path.suffix}"))


def _split(path: Path) -> None:
    lines, header = _lines(path), _header(path)
    half = header + (len(lines) - header) // 2
    path.with_name(f"{path.stem}_1{path.suffix}").write_bytes(b"".join(lines[:half]))
    second = [*lines[:header], *lines[half:]]
    path.with_name(f"{path.stem}_2{path.suffix}").write_bytes(b"".join(second))
    path.unlink()


def _shuffled(path: Path) -> None:
    lines, header = _lines(path), _header(path)
    rows = [line if line.endswith(b"\n") else line + b"\n" for line in lines[header:]]
    random.Random(7).shuffle(rows)
    path.write_bytes(b"".join([*lines[:header], *rows]))


def _at_once(path: Path) -> None:
    _shuffled(path)
    _twice(path)
    _split(path)


# Each alone shows which of them is wrong; all at once shows whether any is.
ALONE = [pytest.param(twist, marks=pytest.mark.slow) for twist in (_twice, _split, _shuffled)]


@pytest.mark.parametrize("twist", [_at_once, *ALONE])
def test_rearranged_deliveries_give_the_same_marts(
    demo: Installation,
    new_installation: NewInstallation,
    tmp_path: Path,
    twist: Callable[[Path], None],
) -> None:
    shutil.copytree(DEMO, tmp_path / "demo")
    twisted = [path for path in sorted((tmp_path / "demo").rglob("*")) if _is_line_wise(path)]
    # An entity of one file is a file, not a folder; its parts need a folder.
    for path in twisted:
        if path.parent.name == "demo":
            folder = path.parent / path.stem
            folder.mkdir()
            path = path.rename(folder / path.name)
        twist(path)
    assert len(twisted) > 50
    installation = new_installation(LANDING=str(tmp_path), AS_OF="2026-01-01")
    installation.build()
    assert installation.canonical_marts() == demo.canonical_marts()


def _deliver(landing: Path, entity: str, *lines: str) -> None:
    (landing / "generic" / f"{entity}.csv").write_text("\n".join(lines) + "\n")


def test_orders_alone_are_enough(orders_alone: Installation) -> None:
    with orders_alone.served() as connection:
        assert connection.execute(
            "select relationship_stage, journey_stage, counted_order_count, lifetime_net_revenue,"
            " first_seen_at::varchar from core.dim_customers"
        ).fetchall() == [
            ("repeat_purchase", "post_purchase_engagement", 2, 30.50, "2024-01-05 10:00:00")
        ]
        assert connection.execute(
            "select count(*), sum(net_amount) from core.fct_orders where is_counted"
        ).fetchone() == (3, 35.50)
        assert connection.execute("select as_of::varchar from meta.build_info").fetchone() == (
            "2024-02-07",
        )


@pytest.mark.slow  # test_orders_alone_are_enough has the other half
def test_contacts_alone_are_enough(new_installation: NewInstallation, landing: Path) -> None:
    _deliver(
        landing,
        "contacts",
        "contact_id,created_at,email,country_code,marketing_consent",
        "007,2024-03-01T08:00:00+01:00,bob@example.com,cz,yes",
        "7,2024-03-02,eve@example.com,DE,",
    )
    installation = new_installation(LANDING=str(landing), SYSTEMS="generic")
    installation.build()
    with installation.served() as connection:
        assert connection.execute(
            "select relationship_stage, journey_stage, country_code, is_marketable,"
            " first_seen_at::varchar from core.dim_customers order by first_seen_at"
        ).fetchall() == [
            ("prospect", "discovery", "CZ", True, "2024-03-01 07:00:00"),
            ("prospect", "discovery", "DE", False, "2024-03-02 00:00:00"),
        ]


@pytest.mark.slow  # test_orders_alone_are_enough has one too, among others
def test_unidentified_orders_are_counted_in_totals(
    new_installation: NewInstallation, landing: Path
) -> None:
    _deliver(landing, "orders", "order_id,ordered_at,items_amount", "1,2024-01-05,10.00")
    installation = new_installation(LANDING=str(landing), SYSTEMS="generic")
    installation.build()
    with installation.served() as connection:
        assert connection.execute("select count(*) from core.dim_customers").fetchone() == (0,)
        assert connection.execute(
            "select customer_id, is_counted, net_amount from core.fct_orders"
        ).fetchall() == [(None, True, 10.00)]
