"""Settings: defaults, validation, and the key of the pseudonyms."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest

from dagster_project.errors import SettingError
from dagster_project.settings import load_settings, read_environment
from dagster_project.warehouse.pseudonyms import pseudonym_key


def test_defaults_are_the_contract_s() -> None:
    settings = load_settings({})
    assert settings.home == Path("var").resolve()
    assert settings.landing.parts[-2:] == ("seeds", "demo")
    assert (settings.systems, settings.as_of, settings.currency) == (("demo",), None, None)


def test_values_are_read_and_cleaned() -> None:
    settings = load_settings(
        {
            "LIFECYCLE_SYSTEMS": " generic, demo,generic ",
            "LIFECYCLE_AS_OF": "2025-01-31",
            "LIFECYCLE_CURRENCY": "czk",
            "LIFECYCLE_TIMEZONE": "",
            "HOME": "/ignored",
        }
    )
    assert settings.systems == ("generic", "demo")
    assert settings.as_of == date(2025, 1, 31)
    assert (settings.currency, settings.timezone) == ("CZK", "UTC")


def test_an_unknown_name_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(SettingError, match="did you mean LIFECYCLE_SYSTEMS"):
        load_settings({"LIFECYCLE_SYSTEM": "demo"})


def test_dotenv_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("LIFECYCLE_SYSTEMS=generic\nLIFECYCLE_CURRENCY=EUR\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIFECYCLE_CURRENCY", "CZK")
    monkeypatch.delenv("LIFECYCLE_SYSTEMS", raising=False)
    found = read_environment()
    assert (found["LIFECYCLE_SYSTEMS"], found["LIFECYCLE_CURRENCY"]) == ("generic", "CZK")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIFECYCLE_HOME", "~nobody-of-that-name/home"),
        ("LIFECYCLE_THREADS", "²"),
        ("LIFECYCLE_THREADS", "0"),
        ("LIFECYCLE_MEMORY_LIMIT", "4"),
        ("LIFECYCLE_MEMORY_LIMIT", "80%"),
        ("LIFECYCLE_MEMORY_LIMIT", "4 gigs"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"{name} cannot be"):
        load_settings({name: value})


@pytest.mark.parametrize("value", ["4GB", "2.4GB", "512 MiB", "1tb", "4G"])
def test_memory_is_an_amount_with_its_unit(value: str) -> None:
    assert load_settings({"LIFECYCLE_MEMORY_LIMIT": value}).memory_limit == value


def test_a_dotenv_of_another_encoding_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_bytes("LIFECYCLE_SYSTEMS=generic # d\u00e9mo".encode("latin-1"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingError, match="is not UTF-8"):
        load_settings()


def test_the_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    settings = load_settings({"LIFECYCLE_HOME": str(tmp_path / "home")})
    key = pseudonym_key(settings)
    assert len(key) == 64
    assert pseudonym_key(settings) == key
    assert stat.S_IMODE((tmp_path / "home" / "pii.key").stat().st_mode) == 0o600


def test_a_given_key_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    home = {"LIFECYCLE_HOME": str(tmp_path / "home"), "LIFECYCLE_PII_KEY": "given"}
    assert pseudonym_key(load_settings(home)) == b"given"
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("LIFECYCLE_SYSTEMS: generic\n", 1),
        ("# ours\n\nLIFECYCLE_CURRENCY=EUR\nLIFECYCLE_SYSTEMS: generic\n", 4),
        ("LIFECYCLE_SYSTEMS:\n  - generic\n", 1),
        ("LIFECYCLE_SYSTEMS\n", 1),
    ],
)
def test_a_line_of_dotenv_that_sets_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, line: int
) -> None:
    (tmp_path / ".env").write_text(content)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingError, match=f"Line {line} is no setting") as error:
        load_settings()
    assert "NAME=value" in (error.value.todo or "")


def test_the_first_day_and_the_tolerance_are_settings() -> None:
    found = load_settings({"LIFECYCLE_FIRST_DAY": "1980-05-01", "LIFECYCLE_DAYS_AHEAD": "7"})
    assert (str(found.first_day), found.days_ahead) == ("1980-05-01", 7)
    with pytest.raises(SettingError, match="LIFECYCLE_FIRST_DAY"):
        load_settings({"LIFECYCLE_FIRST_DAY": "0019-05-01"})
