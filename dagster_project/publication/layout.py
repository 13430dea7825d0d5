"""The served folder: names, links, lock, and durable writes. Belongs here: paths, and the primitives that
move files safely. Does not belong here: what is in a build (`snapshot.py`), which builds are kept
(`served.py`).

    served/lifecycle.duckdb -> current/warehouse_served.duckdb   fixed
    served/parquet          -> current/parquet                   fixed
    served/current          -> builds/<name>                     the one link that publishing moves
    served/as_of/<date>     -> ../builds/<name>                  a build kept beside the current one
    served/builds/<name>/   warehouse_served.duckdb, parquet/<table>/<table>-<name>.parquet, published.json,
                            lifecycle.duckdb -> warehouse_served.duckdb

Both fixed links go through `current`, so that moving one link switches DuckDB and Parquet at the same
instant. The file is not called `lifecycle.duckdb`: DuckDB names a catalog after the resolved file, and a
catalog with a schema's name makes `lifecycle.customers_in_lost` ambiguous. Parquet files are named after
their build because DuckDB opens a file twice for one query: with equal names, a switch between the two
would return rows that neither build has (docs/decisions/0030)."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from dagster_project.errors import BusyError, UserError

DATABASE = "warehouse_served.duckdb"
SCHEMAS = ("core", "lifecycle", "value", "engagement", "care")
CURRENT = "current"
BUILDS = "builds"
AS_OF = "as_of"
MARKER = "published.json"
# Prefix of unfinished work, which the next sweep removes.
UNFINISHED = ".unfinished-"
READ_NAME = "lifecycle.duckdb"
FIXED_LINKS = {READ_NAME: f"{CURRENT}/{DATABASE}", "parquet": f"{CURRENT}/parquet"}
_LOCK = ".publication.lock"
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


def check_build_id(build_id: str) -> None:
    """Raises UserError when the id cannot be the name of a folder."""
    if not _SAFE_NAME.fullmatch(build_id):
        raise UserError(
            f"Build id {build_id!r} cannot be the name of a folder.",
            where="publication",
            todo="Use letters, digits, dots, underscores and hyphens.",
        )


def current_folder(served: Path) -> Path | None:
    """The folder that readers see now, or None before the first publication."""
    link = served / CURRENT
    if not link.is_symlink():
        return None
    folder = served / link.readlink()
    return folder if (folder / DATABASE).is_file() else None


def date_link(served: Path, as_of: date) -> Path:
    """Where the build of a date that is kept beside the current one is read."""
    return served / AS_OF / as_of.isoformat()


def dated_folders(served: Path) -> set[str]:
    """The names of the folders of the builds that are kept by their date."""
    links = [path for path in (served / AS_OF).glob("*") if path.is_symlink()]
    return {link.readlink().name for link in links if (link / DATABASE).is_file()}


def unfinished(build: Path) -> Path:
    """The folder in which a build is made before it gets its name."""
    return build.with_name(f"{UNFINISHED}{build.name}")


def parquet_file(folder: Path, table: str) -> Path:
    """A table's Parquet file in the folder of a build, finished or not."""
    build = folder.name.removeprefix(UNFINISHED)
    return folder / "parquet" / table / f"{table}-{build}.parquet"


def prepare(served: Path) -> None:
    """Creates the served folder and its fixed links. They dangle until the first build is published,
    so that its DuckDB file and its Parquet appear together. Raises UserError when something else has
    the name of a link."""
    for folder in (BUILDS, AS_OF):
        (served / folder).mkdir(parents=True, exist_ok=True)
    for name in (*FIXED_LINKS, CURRENT):
        path = served / name
        if path.exists() and not path.is_symlink():
            raise UserError(
                f"`{name}` is not the link that publication made.",
                where=str(path),
                todo="Move it away; the next build puts the link there.",
            )
    for name, target in FIXED_LINKS.items():
        if not (served / name).is_symlink() or (served / name).readlink() != Path(target):
            replace_link(served / name, target)


def replace_link(link: Path, target: str) -> None:
    """Points `link` at `target` in one atomic and durable rename."""
    fresh = link.with_name(f"{UNFINISHED}{link.name}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
    sync_folder(link.parent)


def sync_folder(folder: Path) -> None:
    """Makes the folder's entries durable."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def seal(folder: Path) -> None:
    """Makes every file below `folder` durable and read-only (0444), then the folders durable."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(parent) / name
            _sync(path, os.O_RDONLY)
            path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
        sync_folder(Path(parent))


def write_durably(path: Path, text: str) -> None:
    """Writes a small file atomically: it exists completely or not at all."""
    fresh = path.with_name(f"{UNFINISHED}{path.name}")
    fresh.write_text(text, encoding="utf-8")
    _sync(fresh, os.O_RDONLY)
    fresh.replace(path)
    sync_folder(path.parent)


def remove(path: Path) -> None:
    """Removes a file, a link or a whole folder. A build's marker is removed first, so that a crash
    leaves an orphan and never a build that looks complete."""
    if path.is_dir() and not path.is_symlink():
        (path / MARKER).unlink(missing_ok=True)
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def only_one(served: Path) -> Iterator[None]:
    """Holds the served folder's lock, so that no other process changes the folder. The lock ends with
    its process. Raises BusyError at once when another process holds it."""
    with (served / _LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(
                "Another process is publishing or rolling back.",
                where=str(served),
                todo="Wait until it ends, then run again.",
            ) from None
        yield


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
