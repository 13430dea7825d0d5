"""Processes that run side by side and end together. Belongs here: starting and ending them. Does not belong
here: which they are (`cli/dev.py`)."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

CLOSING_SECONDS = 5
POLL_SECONDS = 0.2
# Reads until this process has ended, by kill -9 too, and then ends the group. Linux and macOS alike.
GUARD = f"read _; kill -s TERM -- -$0; sleep {CLOSING_SECONDS}; kill -s KILL -- -$0"


def run_together(
    commands: Mapping[str, Sequence[str]], ready: Callable[[], bool] = lambda: True
) -> str | None:
    """Runs the first command and, once it is ready, the others, until Ctrl-C or SIGTERM, or until one of them
    ends by itself. Returns the name and the exit code of the one that ended, None when they were asked to end.
    When it returns, or is killed, all have ended, with every process that they started."""
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell has Ctrl-C ignored
        signal.signal(number, signal.default_int_handler)
    (first, command), *others = commands.items()
    leader = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)
    guard = subprocess.Popen(
        ["sh", "-c", GUARD, str(leader.pid)], stdin=subprocess.PIPE, process_group=0
    )
    processes = {first: leader}
    try:
        while True:
            for name, process in processes.items():
                if process.poll() is not None:
                    return f"{name}, exit code {process.returncode}"
            if len(processes) == 1 and ready():
                for name, command in others:
                    processes[name] = subprocess.Popen(
                        command, stdin=subprocess.DEVNULL, process_group=leader.pid
                    )
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        return None
    finally:
        _end(leader.pid, processes.values())
        guard.kill()
        guard.communicate()


def _end(group: int, processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """Ends the group: politely, and by force what is left of it after some seconds."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the second Ctrl-C of an impatient user
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        os.killpg(group, signal.SIGTERM)
        deadline = time.monotonic() + CLOSING_SECONDS
        while time.monotonic() < deadline:
            for process in processes:
                process.poll()  # takes its exit code, so that it leaves the group
            os.killpg(group, 0)
            time.sleep(POLL_SECONDS)
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # nothing is left; on macOS, nothing that runs
        return
