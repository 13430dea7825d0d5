"""The file `.env`. Belongs here: reading it, and refusing a line that sets nothing. Does not belong
here: what the variables mean (`settings/__init__.py`, the only module that uses this one)."""

from __future__ import annotations

import io
import re
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from dagster_project.errors import SettingError


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of an `.env` file; none when it does not exist. A line that is no NAME=value would set
    nothing, and the build would take the default."""
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, UnicodeError) as error:
        reason = "the file is not UTF-8" if isinstance(error, UnicodeError) else f"{error.strerror}"
        raise SettingError(
            f"The settings cannot be read: {reason}.",
            where=str(path),
            todo="Save the file as UTF-8, readable for the build's user.",
        ) from None
    for binding in parse_stream(io.StringIO(text)):
        is_name = binding.key is None or re.fullmatch(r"[A-Za-z_][\w.]*", binding.key)
        is_set = binding.key is None or binding.value is not None
        if binding.error or not is_name or not is_set:
            original = binding.original.string
            blank = len(original) - len(original.lstrip())
            line = binding.original.line + original[:blank].count("\n")
            raise SettingError(
                f"Line {line} is no setting.",
                where=str(path),
                todo="Write NAME=value, such as LIFECYCLE_SYSTEMS=generic.",
            )
    return {name: value or "" for name, value in dotenv_values(stream=io.StringIO(text)).items()}
