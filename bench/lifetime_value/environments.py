"""Environments of the peers, each with its own versions. Belongs here: making them from the lock files beside
this module. Does not belong here: what runs in them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.measure import BenchmarkError

LOCKS = Path(__file__).parent


def environment(name: str, folder: Path) -> Path:
    """The Python of a peer's environment, made on first use from `<name>.lock` with all hashes checked,
    from the index that pip is set up with. Raises BenchmarkError when it cannot be installed."""
    lock, home = LOCKS / f"{name}.lock", folder / name
    python, is_ready = home / "bin" / "python", home / ".ready"
    if is_ready.is_file() and is_ready.read_text() == lock.read_text():
        return python
    commands = (
        [sys.executable, "-m", "venv", "--clear", str(home)],
        [
            *(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--require-hashes", "-r", str(lock)),
        ],
    )
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            words = (done.stderr or done.stdout).strip().splitlines()[-5:]
            raise BenchmarkError(f"The environment {name} was not installed: {' / '.join(words)}")
    is_ready.write_text(lock.read_text())
    return python
