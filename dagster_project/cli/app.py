"""The frame of every command: choose it, run it, turn an error into words and an exit code. Belongs here:
errors and exit codes. Does not belong here: the commands themselves."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

from dagster_project.cli.arguments import parse
from dagster_project.errors import SettingError, UserError

DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns the exit code: 0 done (`build`: published), 1 failed,
    2 unusable settings or arguments, 130 interrupted."""
    try:
        arguments = parse(argv)
    except SystemExit as leaving:  # argparse has printed help or what is wrong
        return leaving.code if isinstance(leaving.code, int) else UNUSABLE
    try:
        command = importlib.import_module(f"dagster_project.cli.{arguments.module}")
        code: int = command.run(arguments)
        sys.stdout.flush()
    except UserError as error:
        _complain(f"lifecycle: {error}")
        return UNUSABLE if isinstance(error, SettingError) else FAILED
    except KeyboardInterrupt as interruption:
        _complain(
            f"lifecycle: interrupted: {interruption}"
            if interruption.args
            else "lifecycle: interrupted."
        )
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # noqa: BLE001 - the last frame: one line for the person, the trace in a log
        from dagster_project.cli import crash

        _complain(crash.report(error))
        return FAILED
    return code


def _complain(text: str) -> None:
    sys.stdout.flush()
    print(text, file=sys.stderr)
