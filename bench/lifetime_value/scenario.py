"""The scenario: the same customers, the same models, three programs; and orders to scored customers at size.
Belongs here: the order of runs, the proof that all did the same work, and what is shown. Does not belong here:
the programs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench.lifetime_value.customers import write_customers
from bench.lifetime_value.environments import environment
from bench.measure import BenchmarkError, Run, run
from bench.report import MEGABYTE, Claim, Report, runs_table
from dagster_project.cli.terminal import Table

HERE = Path(__file__).parent
HORIZON = 365
# The name of its program and lock, its CPU time over ours that is claimed, and how near its totals must be: the
# prior of pymc-marketing moves the mode a little.
PEERS = {"lifetimes": (1 / 8, 0.001), "pymc_marketing": (1 / 5, 0.02)}
SECONDS, GIGABYTES = 120.0, 4.0
ORDERS_PER_CUSTOMER = 4


@dataclass(frozen=True)
class Scored:
    """A program's run and the totals of what it wrote."""

    name: str
    run: Run
    totals: tuple[float, ...]


def measure(folder: Path, customers: int, scored_customers: int) -> Report:
    """One round. A peer whose environment cannot be installed is a trouble and not the end.

    Args:
        folder: for tables and environments; kept environments are used again.
        customers: of the comparison with the peers.
        scored_customers: of the run from orders to scores; 0 leaves it out.
    """
    report = Report()
    source = folder / f"customers_{customers}.parquet"
    write_customers(customers, source)
    ours = _scored("this package", [sys.executable, str(HERE / "ours.py")], source)
    runs = [ours]
    for name, (limit, tolerance) in PEERS.items():
        try:
            python = environment(name, folder / "environments")
            program = [str(python), "-W", "ignore", str(HERE / f"with_{name}.py")]
            theirs = _scored(name, program, source)
        except BenchmarkError as error:
            report.troubles.append(f"{name}: {error}")
            continue
        runs.append(theirs)
        text = f"lifetime_value: {customers} customers, our CPU time / {name}"
        report.claims.append(Claim(text, ours.run.cpu / theirs.run.cpu, limit))
        report.troubles += _differences(ours, theirs, tolerance)
    report.tables += [
        runs_table(
            f"From a table of {customers} customers to scores, one round",
            [(each.name, [each.run]) for each in runs],
        ),
        Table(
            "The same work: totals over all customers",
            ["program", "P(alive)", "expected orders", "revenue"],
            [(each.name, *each.totals) for each in runs],
        ),
    ]
    if scored_customers:
        _from_orders(folder, scored_customers, report)
    return report


def _scored(name: str, program: list[str], source: Path) -> Scored:
    target = source.with_name(f"scores_by_{name.replace(' ', '_')}.parquet")
    done = run([*program, str(source), str(target), str(HORIZON)])
    row = duckdb.execute(
        "select sum(probability_alive), sum(expected_orders), sum(revenue) from read_parquet($1)",
        [str(target)],
    ).fetchone()
    assert row is not None
    return Scored(name, done, tuple(float(value) for value in row))


def _differences(ours: Scored, theirs: Scored, tolerance: float) -> list[str]:
    return [
        f"{theirs.name} did other work: a total of {their:.6g}, ours is {our:.6g}"
        for our, their in zip(ours.totals, theirs.totals, strict=True)
        if abs(our - their) > tolerance * abs(their)
    ]


def _from_orders(folder: Path, customers: int, report: Report) -> None:
    file, count = folder / "orders.duckdb", customers * ORDERS_PER_CUSTOMER
    program = [sys.executable, "-m", f"{__package__}.orders"]
    run([*program, "generate", str(file), str(customers)])
    done = run([*program, "score", str(file)])
    text = f"lifetime_value: {count} orders to {customers} scored customers"
    report.claims += [
        Claim(text, done.wall, SECONDS, "s"),
        Claim(f"{text}, peak", done.peak_bytes / MEGABYTE / 1024, GIGABYTES, "GB"),
    ]
    steps = [tuple(line.split("\t")) for _, line in done.lines if "\t" in line]
    report.tables.append(Table(text, ["step", "wall s", "CPU s"], steps))
