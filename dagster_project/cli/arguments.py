"""The arguments of the `lifecycle` command. Belongs here: names, types and help texts. Does not belong here:
what the commands do, or how a mistyped word is answered (`parser.py`)."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date

from dagster_project.cli.parser import FOLDER, Parser
from dagster_project.transformation.as_of import AsOf, read_as_of


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The parsed arguments; `module` names the module of `cli/` whose `run` does the command.
    Leaves with SystemExit: 0 after --help and --version, 2 for arguments that cannot be used."""
    parsed: argparse.Namespace = command_line().parse_args(argv)
    return parsed


def command_line() -> Parser:
    """The parser with every command."""
    parser = Parser(
        prog="lifecycle",
        description="From CRM, orders and reviews to customer lifecycle stages and lifetime value.",
        epilog="Settings are LIFECYCLE_* variables in the environment or .env. "
        "Exit codes: 0 done (build: published), 1 failed, 2 unusable settings or arguments, 130 interrupted. "
        "Completion of commands and options: lifecycle completion --help.",
    )
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    commands = parser.add_subparsers(title="commands", dest="command", required=True)

    build = commands.add_parser("build", help="run the nightly build once and publish it")
    build.add_argument(
        "--as-of",
        type=_as_of,
        metavar="DATE|yesterday|newest",
        help="date, exclusive: what happened before its midnight counts. yesterday: the last whole day by the "
        "clock is the last that counts. newest: the day of the newest record is "
        "(default: LIFECYCLE_AS_OF, else newest)",
    )
    build.add_argument(
        "--known-at",
        type=_day,
        metavar="DATE",
        help="UTC date, exclusive: only what was loaded before it counts. Together with --as-of: "
        "what was known on one day about another (without --as-of: about the same day)",
    )
    build.add_argument(
        "--full-refresh",
        action="store_true",
        help="compute every table from raw, not only what changed since the last build",
    )
    build.add_argument(
        "--make-current",
        action="store_true",
        help="readers see this build, also when it is as of an earlier day than the one they see, or of a "
        "later day than today",
    )
    build.set_defaults(module="build")

    dev = commands.add_parser("dev", help="Dagster's web page, schedule and sensor, on 127.0.0.1")
    dev.add_argument("--port", type=_count, default=3000, help="port on 127.0.0.1 (default 3000)")
    dev.set_defaults(module="dev")

    status = commands.add_parser("status", help="what is published, its age and its checks")
    status.set_defaults(module="status")

    quarantine = commands.add_parser("quarantine", help="records quarantined while loading")
    actions = quarantine.add_subparsers(title="actions", dest="action", required=True)
    listing = actions.add_parser("list", help="where they are and why, never their content")
    listing.add_argument("--system", help="only this system")
    listing.add_argument("--entity", help="only this entity, e.g. orders")
    listing.add_argument(
        "--limit", type=_count, default=50, metavar="N", help="at most N records (default 50)"
    )
    listing.set_defaults(module="quarantine")

    back = commands.add_parser("rollback", help="make another published build the current one")
    back.add_argument(
        "--to",
        metavar="BUILD",
        help="build id or its beginning, or the date of a build that is kept beside "
        "(default: the build before the current one)",
    )
    back.set_defaults(module="rollback")

    export = commands.add_parser("export", help="write Parquet for another engine, such as Spark")
    export.add_argument(
        "--lake",
        nargs="?",
        const="",
        required=True,
        metavar="FOLDER",
        help="what the models read: raw records and the key of the pseudonyms, private "
        "(default: lake in LIFECYCLE_HOME)",
        completed_by=FOLDER,
    )
    export.set_defaults(module="export")

    identify = commands.add_parser(
        "identify", help="key and customer of an identifier, read from standard input"
    )
    identify.add_argument(
        "type",
        choices=["email", "phone", "external_id", "contact_id"],
        help="what the identifier is",
    )
    identify.add_argument("--system", help="the system of a contact id")
    identify.set_defaults(module="identify")

    calibrate = commands.add_parser(
        "calibrate", help="propose thresholds of lapse and loyalty from this shop's own orders"
    )
    calibrate.add_argument(
        "--accept",
        nargs="*",
        metavar="THRESHOLD",
        help="write the proposals, or only those named, into seeds/reference/thresholds.csv",
    )
    calibrate.set_defaults(module="calibrate")

    doctor = commands.add_parser("doctor", help="check this installation and list what to do")
    doctor.set_defaults(module="doctor")

    completion = commands.add_parser(
        "completion",
        help="print a script that completes commands and options in a shell",
        epilog='bash: add  eval "$(lifecycle completion bash)"  to ~/.bashrc. '
        "zsh: write the script to the file _lifecycle in a folder of $fpath.",
    )
    completion.add_argument("shell", choices=["bash", "zsh"], help="the shell that you use")
    completion.set_defaults(module="completion")
    return parser


class _Version(argparse.Action):
    """Looks the version up only when asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from dagster_project.publication.code_version import code_version

        print(f"lifecycle {code_version()}")
        parser.exit()


def _as_of(text: str) -> AsOf:
    try:
        return read_as_of(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a date such as 2025-01-31 nor yesterday nor newest"
        ) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2025-01-31") from None


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)
