"""The builds in the served folder: listing them, going back to one, removing old ones. Belongs here:
decisions about whole builds. Does not belong here: making one (`publish.py`).

A build was current once, and is marked so, or is kept beside by its date: `served/as_of/<date>` leads to it.
Removing that link is how a build kept beside is given up; the next publication removes its folder."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

from dagster_project.errors import UserError
from dagster_project.publication import layout
from dagster_project.publication.report_types import PublishedBuild
from dagster_project.warehouse.trouble import explained

# Written in every build's folder before the build becomes visible; the copy MARKER is written after that.
ABOUT = "build.json"


def served_builds(served: Path) -> list[PublishedBuild]:
    """Every published build that still exists: those that were current, the last of them first, then those
    that never were, by date. Changes nothing. A build whose process died after it became visible, and before
    it was marked, is included."""
    current = layout.current_folder(served)
    current_name = current.name if current else None
    dated = layout.dated_folders(served)
    found = []
    for folder in (served / layout.BUILDS).glob("*"):
        marker = folder / layout.MARKER
        is_current, is_dated = folder.name == current_name, folder.name in dated
        if folder.name.startswith(layout.UNFINISHED):
            continue
        if marker.exists() or is_current or is_dated:
            found.append(_read(folder, is_current=is_current, is_dated=is_dated))
    unmarked = max((build.sequence for build in found), default=0) + 1

    def order(build: PublishedBuild) -> tuple[int, date]:
        return build.sequence or (unmarked if build.is_current else 0), build.as_of

    return sorted(found, key=order, reverse=True)


def belongs_beside(served: Path, as_of: date, latest: date | None) -> bool:
    """Whether a build of this date is not to take the current one's place by itself: it is of an earlier day
    than that, or of a later day than `latest`."""
    current = layout.current_folder(served)
    is_older = current is not None and as_of < _read(current, is_current=True).as_of
    return is_older or (latest is not None and as_of > latest)


def is_visible(served: Path, folder: Path) -> bool:
    """Whether readers can see the build in a folder, as the current one or by its date."""
    is_current = layout.current_folder(served) == folder
    return is_current or folder.name in layout.dated_folders(served)


def rollback(served: Path, to: str | None = None) -> PublishedBuild:
    """Makes another build the current one, in one rename. `to`: a build id or the unambiguous beginning of
    one, or the date of a build that is kept beside; by default the build that was current before. Raises
    UserError when there is no such build, BusyError while a build is being published."""
    if layout.current_folder(served) is None and not served_builds(served):
        raise UserError(
            "Nothing was published here yet.",
            where=str(served),
            todo="Run `lifecycle build` first.",
        )
    with explained("roll back", served), layout.only_one(served):
        mark_current(served)
        target = _target(served, to)
        layout.replace_link(served / layout.CURRENT, f"{layout.BUILDS}/{target.folder.name}")
        mark_current(served)
    return next(build for build in served_builds(served) if build.is_current)


def sweep(served: Path, keep: int) -> list[str]:
    """Removes unfinished work, builds that never became visible, and of those that were current all but the
    `keep` newest besides the current one. The current build is always kept, so that `keep` 1 leaves one build
    to go back to, whose files readers may still have open. So is every build that is kept by its date, and
    none of them counts: a backfill sweeps no build that was current. Returns the names removed."""
    with explained("sweep old builds", served), layout.only_one(served):
        return sweep_locked(served, keep)


def sweep_locked(served: Path, keep: int | None) -> list[str]:
    """As `sweep`, for a caller that holds the lock. When `keep` is None, removes orphans only."""
    mark_current(served)
    builds = served_builds(served)
    others = [build for build in builds if not (build.is_current or build.is_dated)]
    kept = {build.folder.name for build in builds if build.is_current or build.is_dated}
    kept |= {build.folder.name for build in (others if keep is None else others[:keep])}
    leftovers = list(served.glob(f"{layout.UNFINISHED}*"))
    leftovers += (served / layout.AS_OF).glob(f"{layout.UNFINISHED}*")
    leftovers += [link for link in (served / layout.AS_OF).glob("*") if not link.exists()]
    leftovers += [path for path in (served / layout.BUILDS).glob("*") if path.name not in kept]
    for path in leftovers:
        layout.remove(path)
    return sorted(path.name for path in leftovers)


def mark_current(served: Path) -> None:
    """Records that the current build was published, unless that is recorded. It thereby completes a
    publication that crashed between the switch and the record. The caller holds the lock."""
    folder = layout.current_folder(served)
    if folder is None or (folder / layout.MARKER).exists():
        return
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    about["published_at"] = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    about["sequence"] = 1 + max((build.sequence for build in served_builds(served)), default=0)
    layout.write_durably(folder / layout.MARKER, json.dumps(about, indent=1))


def _target(served: Path, to: str | None) -> PublishedBuild:
    builds = served_builds(served)
    current = next((build for build in builds if build.is_current), None)
    if to is None:
        newest = current.sequence if current else max(build.sequence for build in builds) + 1
        candidates = [build for build in builds if 0 < build.sequence < newest][:1]
    else:
        candidates = [build for build in builds if build.build_id == to]
        candidates = candidates or [b for b in builds if b.is_dated and f"{b.as_of}" == to]
        candidates = candidates[:1] or [b for b in builds if b.build_id.startswith(to)]
    if len(candidates) == 1:
        return candidates[0]
    known = ", ".join(f"{build.build_id} ({build.as_of})" for build in builds)
    wanted = f"build {to}" if to else "older build"
    raise UserError(
        f"There is {'no ' if not candidates else 'more than one '}{wanted} to go back to.",
        where=str(served / layout.BUILDS),
        todo=f"Published builds kept: {known}. Choose one with `lifecycle rollback --to BUILD`.",
    )


def _read(folder: Path, *, is_current: bool, is_dated: bool = False) -> PublishedBuild:
    marker = folder / layout.MARKER
    path = marker if marker.exists() else folder / ABOUT
    with explained("read what is recorded of a build", path):
        about = json.loads(path.read_text(encoding="utf-8"))
    return PublishedBuild(
        build_id=about["build_id"],
        as_of=date.fromisoformat(about["as_of"]),
        built_at=datetime.fromisoformat(about["built_at"]),
        published_at=datetime.fromisoformat(about.get("published_at", about["built_at"])),
        sequence=about.get("sequence", 0),
        is_current=is_current,
        is_dated=is_dated,
        folder=folder,
        row_counts=about["row_counts"],
    )
