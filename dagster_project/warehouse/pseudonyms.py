"""The key of the pseudonyms. Belongs here: its source, and creating it on first use. Does not belong here: how
models get it (`connection.py`)."""

from __future__ import annotations

import os
import secrets

from dagster_project.errors import SettingError
from dagster_project.settings import Settings


def pseudonym_key(settings: Settings) -> bytes:
    """The HMAC key of the pseudonyms: from the setting, else from `pii.key` in the home folder, which is
    created on first use with mode 0600. Losing it changes every customer_id."""
    if settings.pii_key is not None:
        return settings.pii_key.encode()
    path = settings.home / "pii.key"
    if not path.exists():
        settings.home.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"pii.key.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        draft.rename(path)
    key = path.read_text().strip()
    if not key:
        raise SettingError(
            "The key of the pseudonyms is empty.",
            where=str(path),
            todo="Restore it from a backup, or remove the file: every customer_id will then be new.",
        )
    return key.encode()
