"""Typed settings, and the only reader of the environment. Belongs here: names, defaults and
validation of every `LIFECYCLE_*` variable, and the folders derived from them. Does not belong
here: anything that opens a file of the warehouse."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import yaml

from dagster_project.errors import SettingError
from dagster_project.settings.descriptions import DESCRIPTIONS
from dagster_project.settings.env_file import read_env_file
from dagster_project.transformation.as_of import AsOf, read_as_of

PROJECT_ROOT = Path(__file__).resolve().parents[2]
PREFIX = "LIFECYCLE_"
FIRST_DAY = date(1995, 1, 1)


@dataclass(frozen=True)
class Settings:
    """Every setting of one installation, validated. Paths are absolute; `as_of` is exclusive;
    `currency` is an upper-case ISO 4217 code; None means "not set"."""

    home: Path
    landing: Path
    systems: tuple[str, ...]
    as_of: AsOf | None = None
    reporting_timezone: str = "UTC"
    currency: str | None = None
    pii_key: str | None = None
    timezone: str = "UTC"
    keep_builds: int = 3
    threads: int = 2
    memory_limit: str | None = None
    extra_lifecycles: tuple[str, ...] = ()
    first_day: date = FIRST_DAY
    days_ahead: int = 1

    @property
    def warehouse_path(self) -> Path:
        """The private warehouse: raw to marts, written by one process at a time."""
        return self.home / "warehouse.duckdb"

    @property
    def lock_path(self) -> Path:
        """The lock file that a running build holds."""
        return self.home / "warehouse.lock"

    @property
    def served_folder(self) -> Path:
        """The folder that BI tools read: `lifecycle.duckdb` and the folder `parquet`."""
        return self.home / "served"

    @property
    def reports_folder(self) -> Path:
        """One HTML report per published build; `latest` is the report of the current build."""
        return self.home / "reports"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own run history and logs."""
        return self.home / "dagster"

    @property
    def dbt_target_folder(self) -> Path:
        """dbt's manifest and artifacts; outside the project so that several homes can coexist."""
        return self.home / "dbt"

    def landing_folder(self, system: str) -> Path:
        """Where one system's files are delivered."""
        return self.landing / system


def known_systems() -> tuple[str, ...]:
    """The declared systems: one folder with a `defs.yaml` under `defs/ingestion/` each."""
    folder = PROJECT_ROOT / "dagster_project" / "defs" / "ingestion"
    return tuple(sorted(path.parent.name for path in folder.glob("*/defs.yaml")))


def known_extra_lifecycles() -> tuple[str, ...]:
    """The lifecycles that are used only on demand: those marked `is_extra` in `dbt/lifecycles.yml`."""
    content = yaml.safe_load((PROJECT_ROOT / "dbt" / "lifecycles.yml").read_text())
    return tuple(sorted(each["code"] for each in content["lifecycles"] if each.get("is_extra")))


def read_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The `LIFECYCLE_*` variables that are set: `.env` in the working folder, overridden by the
    environment. Empty values count as not set. Raises SettingError for an unknown name."""
    if environment is None:
        environment = {**read_env_file(Path.cwd() / ".env"), **os.environ}
    values = {k: v.strip() for k, v in environment.items() if k.startswith(PREFIX) and v.strip()}
    for name in sorted(set(values) - set(DESCRIPTIONS)):
        nearest = difflib.get_close_matches(name, DESCRIPTIONS, n=1)
        hint = f"did you mean {nearest[0]}? " if nearest else ""
        raise SettingError(
            f"Unknown setting {name}.",
            where="the environment or .env",
            todo=f"{hint}Known settings: {', '.join(DESCRIPTIONS)}.",
        )
    return values


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Reads and validates all settings. Raises SettingError with what, where and what to do."""
    values = read_environment(environment)
    return Settings(
        home=_folder("LIFECYCLE_HOME", values, default="./var"),
        landing=_folder("LIFECYCLE_LANDING", values, default=str(PROJECT_ROOT / "seeds" / "demo")),
        systems=_systems(values.get("LIFECYCLE_SYSTEMS", "demo")),
        as_of=_as_of(values.get("LIFECYCLE_AS_OF")),
        currency=_currency(values.get("LIFECYCLE_CURRENCY")),
        pii_key=values.get("LIFECYCLE_PII_KEY"),
        reporting_timezone=_timezone("LIFECYCLE_REPORTING_TIMEZONE", values),
        timezone=_timezone("LIFECYCLE_TIMEZONE", values),
        keep_builds=_whole_number("LIFECYCLE_KEEP_BUILDS", values, default=3),
        threads=_whole_number("LIFECYCLE_THREADS", values, default=os.cpu_count() or 2),
        memory_limit=_memory(values.get("LIFECYCLE_MEMORY_LIMIT")),
        extra_lifecycles=_extra_lifecycles(values.get("LIFECYCLE_EXTRA_LIFECYCLES", "")),
        first_day=_day("LIFECYCLE_FIRST_DAY", values.get("LIFECYCLE_FIRST_DAY")) or FIRST_DAY,
        days_ahead=_whole_number("LIFECYCLE_DAYS_AHEAD", values, default=1),
    )


def _refuse(name: str, value: str, todo: str) -> SettingError:
    return SettingError(f"{name} cannot be {value!r}.", where=f"setting {name}", todo=todo)


def _folder(name: str, values: Mapping[str, str], *, default: str) -> Path:
    text = values.get(name, default)
    try:
        return Path(text).expanduser().resolve()
    except (OSError, RuntimeError, ValueError):  # an unknown user's home, a loop of links
        raise _refuse(name, text, "Give a folder's path.") from None


def _systems(text: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    known = known_systems()
    unknown = [system for system in chosen if system not in known]
    if unknown or not chosen:
        name = unknown[0] if unknown else text
        raise _refuse("LIFECYCLE_SYSTEMS", name, f"Choose from: {', '.join(known)}.")
    return chosen


def _extra_lifecycles(text: str) -> tuple[str, ...]:
    chosen = tuple(sorted({part.strip() for part in text.split(",") if part.strip()}))
    known = known_extra_lifecycles() if chosen else ()
    for code in chosen:
        if code not in known:
            raise _refuse("LIFECYCLE_EXTRA_LIFECYCLES", code, f"Choose from: {', '.join(known)}.")
    return chosen


def _as_of(text: str | None) -> AsOf | None:
    try:
        return None if text is None else read_as_of(text)
    except ValueError:
        todo = "Give a date such as 2025-01-31, `yesterday` or `newest`."
        raise _refuse("LIFECYCLE_AS_OF", f"{text}", todo) from None


def _day(name: str, text: str | None) -> date | None:
    try:
        day = None if text is None else date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day is not None and day.year < 1900:
        raise _refuse(name, f"{text}", "Give a date from 1900 on, such as 1995-01-01.")
    return day


def _currency(text: str | None) -> str | None:
    if text is not None and not re.fullmatch("[A-Za-z]{3}", text):
        raise _refuse("LIFECYCLE_CURRENCY", text, "Give an ISO 4217 code such as EUR.")
    return text and text.upper()


def _timezone(name: str, values: Mapping[str, str]) -> str:
    text = values.get(name, "UTC")
    if text not in available_timezones():
        raise _refuse(name, text, "Give an IANA name such as Europe/Prague.")
    return ZoneInfo(text).key


def _memory(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(
        r"[0-9]+(\.[0-9]+)? ?([KMGT]|[KMGT]i?B)", text, re.IGNORECASE
    ):
        raise _refuse("LIFECYCLE_MEMORY_LIMIT", text, "Give an amount with its unit, such as 4GB.")
    return text


def _whole_number(name: str, values: Mapping[str, str], *, default: int) -> int:
    text = values.get(name)
    if text is None:
        return default
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < 1:
        raise _refuse(name, text, "Give a whole number of at least 1.")
    return int(text)
