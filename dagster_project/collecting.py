"""Python's garbage collector while much is loaded. Belongs here: leaving it out where it costs and frees
nothing. Does not belong here: what is loaded."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """For imports and parsing: they make little garbage and hundreds of thousands of objects that stay, all of
    which the collector would look through again and again; what was loaded is not looked at later either."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
