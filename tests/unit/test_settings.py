"""Settings: defaults, validation, and the key of the pseudonyms."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest

from dagster_project.errors import SettingError
from dagster_project.settings import load_settings, pseudonym_key, read_environment


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
