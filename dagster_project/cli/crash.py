"""What is kept of an unexpected error: one line for the person, the trace in a log file. Belongs here: that
file and the masking of what may be personal in it. Does not belong here: an error that a person can act on;
that is a UserError."""

from __future__ import annotations

import logging
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from dagster_project.errors import UserError
from dagster_project.settings import load_settings
from dagster_project.warehouse.masking import mask


class _Masked(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


def report(error: Exception) -> str:
    """Writes the trace, masked, to a log file that only its owner can read. Returns the line to show. The file
    is in LIFECYCLE_HOME/logs, or in the temporary folder where that is not possible."""
    first = (str(error).splitlines() or [""])[0][:200]
    line = f"lifecycle: unexpected {type(error).__name__}: {mask(first)}"
    for folder in _folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
            handler = logging.FileHandler(path, encoding="utf-8")
            path.chmod(0o600)
        except OSError:
            continue
        handler.setFormatter(_Masked("%(asctime)s %(levelname)s %(message)s"))
        log = logging.Logger("lifecycle.crash")
        log.addHandler(handler)
        log.error("unexpected error", exc_info=error)
        handler.close()
        return f"{line}\n  the whole trace: {path}"
    return f"{line}\n  no log file could be written"


def _folders() -> list[Path]:
    temporary = Path(tempfile.gettempdir()) / "lifecycle-logs"
    try:
        return [load_settings().home / "logs", temporary]
    except (UserError, OSError, ValueError, RuntimeError):  # must not hide what went wrong first
        return [temporary]
