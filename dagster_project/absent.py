"""Libraries that are installed but of no use to a process, and slow to import. Belongs here: leaving them out
where another library imports them only because they are there. Does not belong here: which ones."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _Absence(MetaPathFinder):
    """Asked before all others where a module is; says of one that it is nowhere."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == self._name:
            raise ModuleNotFoundError(f"{fullname} is left out of this process", name=fullname)
        return None


@contextmanager
def absent(name: str) -> Iterator[None]:
    """While inside, `import name` fails as if it were not installed, unless it was imported before."""
    absence = _Absence(name)
    sys.meta_path.insert(0, absence)
    try:
        yield
    finally:
        sys.meta_path.remove(absence)
