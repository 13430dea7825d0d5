"""`lifecycle calibrate`: what the thresholds of lapse and loyalty should be for this shop. Belongs here: the
query of the served build, what is printed, and accepting proposals. Does not belong here: the methods
(`calibration/proposals.py`)."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from dagster_project.calibration.proposals import Proposal, false_lost_share, gaps, proposals
from dagster_project.calibration.reference import (
    THRESHOLDS_FILE,
    read_thresholds,
    write_thresholds,
)
from dagster_project.cli.reading import opened, rows
from dagster_project.cli.terminal import Table, show
from dagster_project.errors import SettingError
from dagster_project.settings import load_settings

ORDERS = """
    select customer_id, cast(floor(epoch(ordered_at)) as bigint)
    from core.fct_orders
    where is_counted and customer_id is not null
    order by customer_id, ordered_at, source_system, order_id
"""


def run(arguments: argparse.Namespace) -> int:
    """Prints current and proposed thresholds; with `--accept` writes the proposed ones (all, or those
    named) into the reference file. Exit code 0, also when there is nothing to propose."""
    settings = load_settings()
    rules = read_thresholds(THRESHOLDS_FILE)
    with opened(settings.served_folder / "lifecycle.duckdb") as connection:
        ((as_of,),) = rows(connection, "select as_of from meta.build_info")
        orders = rows(connection, ORDERS)
    lives = [[at for _, at in own] for _, own in groupby(orders, key=lambda order: order[0])]
    moment = int(datetime.combine(as_of, time.min, UTC).timestamp())
    found = gaps(lives, moment, rules)
    made = proposals(found, rules)
    show(_table(made, as_of.isoformat()))
    better = {each.threshold: each.proposed for each in made if each.proposed is not None}
    _show_share("now", false_lost_share(found, rules))
    _show_share("with the proposals", false_lost_share(found, {**rules, **better}))
    changes = {name: value for name, value in better.items() if value != rules[name]}
    if arguments.accept is None:
        if changes:
            print("Nothing was changed. `lifecycle calibrate --accept` writes the proposals.")
        return 0
    return _accept(_chosen(arguments.accept, made, changes), THRESHOLDS_FILE)


def _table(made: Sequence[Proposal], as_of: str) -> Table:
    return Table(
        f"Thresholds, from the published build as of {as_of}",
        ["threshold", "now", "proposed", "because"],
        [
            [each.threshold, _number(each.current), _number(each.proposed), each.because]
            for each in made
        ],
    )


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _show_share(when: str, share: float | None) -> None:
    if share is not None:
        print(
            f"Customers who returned after their stage had become lost, {when}: {share:.1%} of returns."
        )


def _chosen(
    names: Sequence[str], made: Sequence[Proposal], changes: dict[str, Decimal]
) -> dict[str, Decimal]:
    known = [each.threshold for each in made]
    for name in names:
        if name not in known:
            raise SettingError(
                f"There is no proposal for {name!r}.",
                where="--accept",
                todo=f"Choose from: {', '.join(known)}.",
            )
    return {name: value for name, value in changes.items() if not names or name in names}


def _accept(values: dict[str, Decimal], path: Path) -> int:
    if not values:
        print("There is no proposal to write.")
        return 0
    write_thresholds(path, values)
    print(f"Written to {path}: " + ", ".join(f"{n} = {_number(v)}" for n, v in values.items()))
    print("The next build uses them; keep the file under version control.")
    return 0
