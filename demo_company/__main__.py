"""The generator's command line: `python -m demo_company --people N --out FOLDER`. Belongs
here: arguments and messages. Does not belong here: generating."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from demo_company.delivery import generate
from demo_company.plan import END, PEOPLE, SEED, START, SYSTEM, Plan
from demo_company.truth import truth


def parser() -> argparse.ArgumentParser:
    """The arguments."""
    arguments = argparse.ArgumentParser(prog="python -m demo_company", description=__doc__)
    arguments.add_argument("--people", type=int, default=PEOPLE, help="default %(default)s")
    arguments.add_argument("--seed", type=int, default=SEED, help="default %(default)s")
    arguments.add_argument("--start", type=date.fromisoformat, default=START, help="first day")
    arguments.add_argument("--end", type=date.fromisoformat, default=END, help="last day")
    arguments.add_argument(
        "--out", type=Path, required=True, help=f"landing folder; files go to OUT/{SYSTEM}/"
    )
    arguments.add_argument("--truth", type=Path, help="also write the truth, as JSON, to this file")
    arguments.add_argument(
        "--as-of",
        type=date.fromisoformat,
        help="date of the truth, exclusive (default: the plan's end)",
    )
    arguments.add_argument("--clean", action="store_true", help="files without defects")
    arguments.add_argument(
        "--jobs", type=int, default=1, help="processes; the bytes do not depend on it"
    )
    return arguments


def main(given: list[str] | None = None) -> int:
    """Runs the generator; returns the exit code."""
    arguments = parser().parse_args(given)
    try:
        plan = Plan(
            people=arguments.people,
            seed=arguments.seed,
            start=arguments.start,
            end=arguments.end,
            messy=not arguments.clean,
        )
        delivery = generate(plan, arguments.out, arguments.jobs)
        if arguments.truth:
            facts = truth(plan, arguments.as_of).to_json()
            arguments.truth.write_text(facts + "\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        print(f"The delivery is missing or incomplete: {error}", file=sys.stderr)
        return 1
    print(
        f"{delivery.records} records in {len(delivery.files)} files under {arguments.out / SYSTEM}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
