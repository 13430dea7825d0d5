"""A process that runs dbt once. Belongs here: importing dbt early, running one command, and telling
its events, a JSON line each. Does not belong here: which command (`runner.py` asks for it).

dbt takes four seconds to import; started at the beginning of a build, this process has done so by
the time that everything has arrived."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import Any

from dbt.cli.main import dbtRunner
from dbt_common.events.base_types import EventMsg

NODE_FINISHED = "NodeFinished"


def main() -> int:
    """Reads one request (`{"arguments": [...], "environment": {...}}`) from stdin, runs it, and ends."""
    # Whatever dbt prints goes to stderr: stdout is for the answers alone.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")

    def on_event(event: EventMsg) -> None:
        if event.info.name == NODE_FINISHED:
            node = event.data.node_info
            tell({"node": node.unique_id, "status": node.node_status})

    tell({"ready": True})
    line = sys.stdin.readline()
    if not line:
        return 0
    request = json.loads(line)
    os.environ.update(request["environment"])
    with contextlib.redirect_stdout(sys.stderr):
        outcome = dbtRunner(callbacks=[on_event]).invoke(request["arguments"])
    error = f"{type(outcome.exception).__name__}: {outcome.exception}" if outcome.exception else ""
    tell({"finished": True, "success": bool(outcome.success), "error": error})
    return 0


if __name__ == "__main__":
    sys.exit(main())
