"""The state of the landing folder. Belongs here: detecting that delivered files have changed and are
complete. Does not belong here: reading them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from pathlib import Path

SETTLE_SECONDS = 60.0


def settled_fingerprint(
    folders: Iterable[Path], *, settle_seconds: float = SETTLE_SECONDS
) -> str | None:
    """A short hash of the names, sizes and times of all files in the folders. None when there is no file, or
    when one was written less than `settle_seconds` ago and so may be incomplete. Hidden files do not count."""
    digest, newest = hashlib.sha256(), None
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.name.startswith(".") or not path.is_file():
                continue
            stat = path.stat()
            digest.update(f"{path}|{stat.st_size}|{stat.st_mtime_ns}\n".encode())
            newest = max(newest or 0.0, stat.st_mtime)
    if newest is None or time.time() - newest < settle_seconds:
        return None
    return digest.hexdigest()[:16]
