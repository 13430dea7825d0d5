"""`lifecycle calibrate`: what the thresholds of lapse and loyalty should be for this shop. Belongs here: the
query of the served build, what is printed, and accepting proposals. Does not belong here: the methods
(`calibration/proposals.py`)."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from dagster_project.calibration.gaps import Gaps, LostReturns, Rules, gaps, lost_returns
from dagster_project.calibration.proposals import Proposal, longest_judged, proposals
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
    as_of, found = served_gaps(settings.served_folder / "lifecycle.duckdb", rules)
    made = proposals(found, rules)
    show(_table(made, as_of.isoformat()))
    better = {each.threshold: each.proposed for each in made if each.proposed is not None}
    _show_returns("now", lost_returns(found, rules), rules)
    if better.keys() & {"lapse_default_days", "lapse_gap_multiple"}:
        _show_returns("with the proposals", lost_returns(found, {**rules, **better}), rules)
    elif found.return_count >= rules["calibration_minimum_returns"]:
        _show_limit_of_history(found, rules)
    changes = {name: value for name, value in better.items() if value != rules[name]}
    if arguments.accept is None:
        if changes:
            print("Nothing was changed. `lifecycle calibrate --accept` writes the proposals.")
        return 0
    return _accept(_chosen(arguments.accept, made, changes), THRESHOLDS_FILE)


def served_gaps(file: Path, rules: Rules) -> tuple[date, Gaps]:
    """The date of a served build, and the gaps after its counted orders."""
    with opened(file) as connection:
        ((as_of,),) = rows(connection, "select as_of from meta.build_info")
        orders = rows(connection, ORDERS)
    lives = [[at for _, at in own] for _, own in groupby(orders, key=lambda order: order[0])]
    moment = int(datetime.combine(as_of, time.min, UTC).timestamp())
    return as_of, gaps(lives, moment, rules)


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


def _show_returns(when: str, returns: LostReturns, rules: Rules) -> None:
    if returns.share is None:
        print(
            f"Customers called lost, {when}: {returns.lost_count}. Too few of them, or for too short a "
            "time, to know how many came back."
        )
        return
    verdict = "above" if returns.share > rules["lost_return_share"] else "within"
    print(
        f"Customers called lost, {when}: {returns.lost_count}, of whom {returns.share:.1%} came back within "
        f"{returns.months} months: {verdict} the share allowed, {float(rules['lost_return_share']):.0%}."
    )


def _show_limit_of_history(found: Gaps, rules: Rules) -> None:
    """Why no window is proposed, in words."""
    limit = f"{float(rules['lost_return_share']):.0%}"
    longest = longest_judged(found, rules)
    if longest is None:
        print(
            f"No lapse window can be judged: too few customers could be followed for "
            f"{rules['lost_return_minimum_months']:.0f} months after one."
        )
        return
    days, returns = longest
    print(
        f"No lapse window within this history keeps to {limit}: of the {returns.lost_count} customers who were "
        f"away for {days} days, the longest that can be judged, {returns.share:.1%} still came back. Here "
        "`lost` means not seen for long, not gone."
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
