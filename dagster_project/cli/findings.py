"""The findings of `lifecycle doctor`. Belongs here: what a finding is and how its numbers are written. Does not
belong here: what is examined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One result. `fail`: a build or a reader cannot work. `warn`: it can, and a person should look. `todo` is
    empty when there is nothing to do."""

    level: Literal["ok", "warn", "fail"]
    subject: str
    found: str
    todo: str = ""


def ok(subject: str, found: str) -> Finding:
    """Nothing is wrong."""
    return Finding("ok", subject, found)


def warn(subject: str, found: str, todo: str) -> Finding:
    """A person should look."""
    return Finding("warn", subject, found, todo)


def fail(subject: str, found: str, todo: str) -> Finding:
    """Something cannot work."""
    return Finding("fail", subject, found, todo)


def counted(count: int, thing: str) -> str:
    """A number of things, such as `1 file` or `2 files`."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def size(count: int) -> str:
    """Bytes for people."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
