"""Whatever is wrong with the input, the command explains it to a person (what, where, what to do), with an exit
code other than 0 and no stack trace, and leaves the served build unchanged."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ORDERS_ALONE, NewInstallation
from tests.support.installation import Installation


@pytest.fixture(scope="module")
def shop(
    orders_alone: Installation,
    new_installation: NewInstallation,
    tmp_path_factory: pytest.TempPathFactory,
) -> Installation:
    """A published installation whose deliveries the tests then spoil."""
    landing = tmp_path_factory.mktemp("landing")
    shutil.copytree(ORDERS_ALONE, landing, dirs_exist_ok=True)
    settings = {**orders_alone.settings, "LANDING": str(landing)}
    return orders_alone.copied_to(new_installation(**settings))


def _folder(shop: Installation) -> Path:
    return Path(shop.settings["LANDING"]) / "generic"


def _deliver(name: str, content: bytes) -> Callable[[Path], None]:
    def deliver(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return deliver


def _refunds(content: bytes) -> Callable[[Path], None]:
    return _deliver("refunds.csv", content)


CASES = {
    "empty_file": (_refunds(b""), "refunds.csv", "empty"),
    "header_only": (_refunds(b"refund_id,order_id,refunded_at,amount\n"), "refunds.csv", "record"),
    "wrong_columns": (_refunds(b"id,when,how_much\n1,2024-01-01,5\n"), "refunds.csv", "refund_id"),
    "not_text": (_refunds(bytes(range(256)) * 8), "refunds.csv", ""),
    "mostly_bad": (
        _refunds(b"refund_id,order_id,refunded_at,amount\n" + b"1,1,yesterday,5\n" * 30),
        "refunds.csv",
        "quarantined",
    ),
    "unknown_entity": (
        _deliver("ordres.csv", b"order_id,ordered_at\n1,2024-01-05\n"),
        "ordres",
        "orders",
    ),
    "cut_gzip": (_deliver("refunds.csv.gz", b"\x1f\x8b\x08\x00cut"), "refunds.csv.gz", ""),
}


# Other unusable files are refused by the same path as an empty one; ingestion's own tests cover them.
SLOW = ("header_only", "wrong_columns", "not_text", "cut_gzip")


@pytest.mark.parametrize(
    "case",
    [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in CASES],
)
def test_a_bad_delivery_is_refused_in_words_and_nothing_changes(
    shop: Installation, case: str
) -> None:
    spoil, where, what = CASES[case]
    folder = _folder(shop)
    before, build = shop.canonical_marts(), shop.published_build()
    backup = folder.with_name(f"{case}_backup")
    shutil.copytree(folder, backup)
    try:
        spoil(folder)
        outcome = shop.lifecycle("build")
    finally:
        shutil.rmtree(folder)
        backup.rename(folder)
    words = outcome.stdout + outcome.stderr
    assert outcome.returncode == 1, words
    assert "Traceback" not in words
    assert where in words
    assert what in words
    assert "build models" not in words, "nothing downstream of a bad arrival runs"
    assert shop.published_build() == build
    assert shop.canonical_marts() == before


def test_a_missing_landing_folder_is_named(
    new_installation: NewInstallation, tmp_path: Path
) -> None:
    installation = new_installation(LANDING=str(tmp_path / "nowhere"), SYSTEMS="generic")
    outcome = installation.lifecycle("build")
    words = outcome.stdout + outcome.stderr
    assert outcome.returncode == 1
    assert str(tmp_path / "nowhere" / "generic") in words
    assert "Traceback" not in words
    assert not (installation.home / "served" / "lifecycle.duckdb").exists()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"SYSTEM": "demo"}, "LIFECYCLE_SYSTEMS"),
        ({"SYSTEMS": "shopfy"}, "generic"),
        ({"AS_OF": "tomorrow"}, "2025-01-31"),
        ({"CURRENCY": "euro"}, "EUR"),
        ({"TIMEZONE": "Prague"}, "Europe/Prague"),
        ({"KEEP_BUILDS": "0"}, "at least 1"),
    ],
)
def test_an_unusable_setting_is_refused_at_once(
    tmp_path: Path, settings: dict[str, str], named: str
) -> None:
    outcome = Installation(tmp_path / "home").lifecycle("build", **settings)
    assert outcome.returncode == 2
    assert named in outcome.stderr
    assert "Traceback" not in outcome.stdout + outcome.stderr
    assert not (tmp_path / "home").exists()


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file is no folder, not even for root")
    outcome = Installation(tmp_path / "file" / "home").lifecycle("build")
    assert outcome.returncode == 1
    assert str(tmp_path / "file" / "home") in outcome.stderr
    assert "LIFECYCLE_HOME" in outcome.stderr
    assert "Traceback" not in outcome.stdout + outcome.stderr


def test_a_failed_check_keeps_the_served_build_and_is_named(shop: Installation) -> None:
    folder = _folder(shop)
    before, build = shop.canonical_marts(), shop.published_build()
    # A currency without a rate: every file is fine by itself, the build is not.
    (folder / "orders.csv").write_text(
        "order_id,ordered_at,email,items_amount,currency_code\n"
        "1,2024-01-05T10:00:00Z,ann@example.com,10.00,EUR\n"
        "4,2024-03-05T10:00:00Z,cid@example.com,900.00,CZK\n"
    )
    outcome = shop.lifecycle("build")
    words = outcome.stdout + outcome.stderr
    assert outcome.returncode == 1, words
    assert "assert_every_currency_has_a_rate" in words
    assert "Traceback" not in words
    assert shop.published_build() == build
    assert shop.canonical_marts() == before
    # The missing rate arrives: the same records are published, and nothing of the refused files.
    (folder / "currency_rates.csv").write_text(
        "rate_date,currency_code,rate\n2024-03-01,CZK,0.04\n"
    )
    shop.build()
    with shop.served() as connection:
        assert connection.execute(
            "select order_id, net_amount::double from core.fct_orders order by order_id"
        ).fetchall() == [("1", 10), ("2", 20.5), ("3", 5), ("4", 36)]
