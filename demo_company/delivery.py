"""Writes a whole delivery. Belongs here: the order of the steps, from batches of lives to files, and the
facts about the files. Does not belong here: any detail of either, and the truth about customers."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from demo_company import mess
from demo_company.company import make_batch
from demo_company.exports import Sheets, reference_sheets, sheets_of
from demo_company.files import BadRecord, FileFacts, Folder
from demo_company.plan import SYSTEM, Plan


@dataclass(frozen=True)
class Delivery:
    """A written delivery: the facts of every file, in order of path (the order of loading), and the
    records that must be quarantined."""

    files: tuple[FileFacts, ...]
    quarantined: tuple[BadRecord, ...]

    @property
    def records(self) -> int:
        """The number of physical records in all files."""
        return sum(facts.records for facts in self.files)


def generate(plan: Plan, landing: Path | None, jobs: int = 1) -> Delivery:
    """Writes a company's delivery to `<landing>/demo/` and returns its facts. When `landing` is None,
    nothing is written.

    Batches are simulated by `jobs` processes and written in order, so that the bytes do not depend on
    `jobs`. Raises FileExistsError if the folder already holds something.
    """
    root = None if landing is None else landing / SYSTEM
    if root is not None and root.exists() and any(root.iterdir()):
        raise FileExistsError(f"{root} is not empty; give an empty or a new folder")
    quirks = mess.quirks(plan) if plan.messy else {}
    redelivered: dict[str, int] = {}
    with Folder(root, quirks) as folder:
        for path, rows in reference_sheets(plan).items():
            folder.sheet(path).add(rows)
        for number, sheets in enumerate(_simulated(plan, jobs)):
            if plan.messy and number == 0:
                redelivered = mess.overlap(plan, sheets)
                _add_with_bad_rows(plan, folder, sheets)
            else:
                for path, rows in sheets.items():
                    folder.sheet(path).add(rows)
        facts = {path: sheet.facts for path, sheet in folder.sheets.items()}
        quarantined = [bad for sheet in folder.sheets.values() for bad in sheet.bad]
    for path, count in redelivered.items():
        facts[path].redelivered = count
    if plan.messy:
        mess.repeat(plan, root, facts)
    return Delivery(
        files=tuple(facts[path] for path in sorted(facts)),
        quarantined=tuple(sorted(quarantined, key=lambda bad: (bad.path, bad.line))),
    )


def _sheets(plan: Plan, number: int) -> Sheets:
    """The rows of one batch; runs in its own process."""
    sheets = sheets_of(plan, make_batch(plan, number))
    if plan.messy:
        mess.delay(plan, sheets)
    return sheets


def _simulated(plan: Plan, jobs: int) -> Iterator[Sheets]:
    numbers = range(plan.batch_count)
    if jobs <= 1 or plan.batch_count == 1:
        yield from map(partial(_sheets, plan), numbers)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(partial(_sheets, plan), numbers)


def _add_with_bad_rows(plan: Plan, folder: Folder, sheets: Sheets) -> None:
    bad_rows = mess.bad_rows(plan)
    for path, rows in sheets.items():
        sheet = folder.sheet(path)
        if path not in bad_rows:
            sheet.add(rows)
            continue
        number, bad = bad_rows[path]
        position = min(bad.row_position, len(rows))
        sheet.add(rows[:position])
        sheet.add_bad(bad.row(rows[position - 1], number), bad.reason, bad.spoil)
        sheet.add(rows[position:])
