"""`python -m bench`: run the scenarios, print their tables, exit non-zero when a claim fails. Belongs here:
arguments and the temporary home. Does not belong here: the scenarios."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import claims, complete_journey, demo, lifetime_value, machine, markdown, sizes
from bench.measure import BenchmarkError
from bench.report import Report, claims_table
from dagster_project.cli.terminal import Table, show, show_list

SCENARIOS = ("demo", "complete_journey", "sizes")
ON_REQUEST = ("lifetime_value",)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The arguments; SystemExit with a message when they cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="The speed claims, measured."
    )
    parser.add_argument(
        "scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS + ON_REQUEST)
    )
    parser.add_argument("--rounds", type=int, default=3, help="rounds per command (default 3)")
    parser.add_argument(
        "--check", action="store_true", help="only prove that the baseline writes the served marts"
    )
    parser.add_argument("--folder", type=Path, help="work here and keep it (default: temporary)")
    parser.add_argument(
        "--size",
        action="append",
        choices=sorted(sizes.CUSTOMERS),
        help="for sizes (default S and M)",
    )
    parser.add_argument(
        "--memory", default="2.4GB", help="DuckDB's memory limit, for sizes (default 2.4GB)"
    )
    parser.add_argument(
        "--no-peers", action="store_true", help="for sizes: only the product and the baseline"
    )
    parser.add_argument(
        "--no-incremental-runs",
        action="store_true",
        help="for sizes: only the full build",
    )
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="write the sizes' tables into this Markdown file"
    )
    parser.add_argument(
        "--customers",
        type=int,
        default=1_000_000,
        help="for lifetime_value: customers that this package and the peers score (default 1000000)",
    )
    parser.add_argument(
        "--scored-customers",
        type=int,
        default=10_000_000,
        help="for lifetime_value: customers scored from their orders (default 10000000; 0: none)",
    )
    found = parser.parse_args(arguments)
    unknown = sorted(set(found.scenarios) - set(SCENARIOS + ON_REQUEST))
    if unknown:
        parser.error(f"no scenario {unknown[0]}; choose from {', '.join(SCENARIOS + ON_REQUEST)}")
    if found.rounds < 1:
        parser.error("--rounds must be at least 1")
    found.scenarios = found.scenarios or list(SCENARIOS)
    found.size = found.size or ["S", "M"]
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when every judged claim holds, 1 when one fails or a command does not run."""
    chosen = parse(arguments)
    show(Table("Measured with", ["what", "value"], machine.describe()))
    with tempfile.TemporaryDirectory(prefix="lifecycle-bench-") as temporary:
        folder = (chosen.folder or Path(temporary)).resolve()
        try:
            report = _measure(chosen, folder)
        except BenchmarkError as error:
            print(f"\nNOT measured: {error}", file=sys.stderr)
            return 1
    return _show(report)


def _measure(chosen: argparse.Namespace, folder: Path) -> Report:
    if chosen.check:
        return complete_journey.check(folder / "check")
    whole = Report()
    if "sizes" in chosen.scenarios:
        for size in chosen.size:
            sizes.check_disk(folder / "sizes", size, _shares(chosen))
    for name in chosen.scenarios:
        if name == "sizes":
            _measure_sizes(chosen, folder / name, whole)
            continue
        if name == "lifetime_value":
            report = lifetime_value.measure(
                folder / name, chosen.customers, chosen.scored_customers
            )
            whole.add(report)
            continue
        print(f"\n{name}: {chosen.rounds} rounds; load {machine.load()}", flush=True)
        scenario = demo.measure if name == "demo" else complete_journey.measure
        report = scenario(folder / name, chosen.rounds)
        print(f"{name}: measured; load {machine.load()}", flush=True)
        whole.add(report)
    return whole


def _shares(chosen: argparse.Namespace) -> Sequence[float]:
    return () if chosen.no_incremental_runs else sizes.SHARES


def _measure_sizes(chosen: argparse.Namespace, folder: Path, whole: Report) -> None:
    built: dict[str, claims.Built] = {}
    for size in chosen.size:
        print(f"\nsize {size}: one round; load {machine.load()}", flush=True)
        report = Report()
        peers, shares = not chosen.no_peers, _shares(chosen)
        for report in sizes.measure(
            folder, size, memory=chosen.memory, shares=shares, with_peers=peers, built=built
        ):
            if chosen.write:
                markdown.write(chosen.write, f"size-{size}", report)
        whole.add(report)


def _show(report: Report) -> int:
    show(*report.tables)
    show(claims_table(report.claims))
    if report.troubles:
        print("\nFailures")
        show_list(report.troubles)
    if report.notes:
        print("\nNotes")
        show_list(report.notes)
    print("\nA claim fails." if report.fails else "\nEvery judged claim holds.")
    return 1 if report.fails else 0


if __name__ == "__main__":
    sys.exit(main())
