"""The process in which Great Expectations lives: `python -m dagster_project.quality.gx.worker`.
Belongs here: the protocol. One JSON request a line on standard input, one JSON answer a line on
standard output, nothing else there; the first line out says that GX is imported. A process of its
own, because the import takes longer than most builds' checks and can overlap ingestion, and
because DuckDB lets one process at a time write. Does not belong here: running suites."""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

from dagster_project.collecting import loading
from dagster_project.quality.checks import suite_from_json

# GX imports these for distribution tests and charts, which no suite uses: 4 of its 9.5 seconds.
POSTPONED = ("scipy.stats", "altair")


def main() -> int:
    """Answers requests until standard input ends. Exit code 0 then."""
    os.umask(0o077)  # what DuckDB puts beside the warehouse may hold what it holds
    answers = _claim_standard_output()
    logging.disable(logging.ERROR)  # GX logs failing SQL, whose messages may quote values
    started = time.perf_counter()
    for name in POSTPONED:
        postpone(name)
    with loading():
        validation = importlib.import_module("dagster_project.quality.gx.validation")
    _answer(answers, {"ready": True, "seconds": round(time.perf_counter() - started, 2)})
    for line in sys.stdin:
        _answer(answers, _handle(json.loads(line), validation))
    return 0


def postpone(name: str) -> None:
    """Lets `import name` succeed at once; the module is imported when something of it is used."""
    placeholder = ModuleType(name)

    def load(attribute: str) -> Any:
        if sys.modules.get(name) is placeholder:
            del sys.modules[name]
        return getattr(importlib.import_module(name), attribute)

    placeholder.__dict__["__getattr__"] = load
    sys.modules[name] = placeholder


def _claim_standard_output() -> TextIO:
    """The real standard output, kept for answers; what anything else prints goes to stderr."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _handle(request: Mapping[str, Any], validation: Any) -> dict[str, Any]:
    """The answer to one request; a failure is an answer too, with its kind but no message, as
    messages of the database may quote record values."""
    try:
        suites = [suite_from_json(suite) for suite in request["suites"]]
        results = validation.run_suites(Path(request["database"]), suites)
    except Exception as error:  # noqa: BLE001 - whatever it is, the client must hear of it
        return {"error": _kind(error), "is_locked": "Could not set lock" in str(error)}
    return {"results": [asdict(result) for result in results]}


def _kind(error: BaseException) -> str:
    cause = error.__cause__
    inner = f" from {type(cause).__name__}" if cause is not None else ""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = ""
    if frame is not None:
        code = frame.tb_frame.f_code
        place = f" in {code.co_name} ({Path(code.co_filename).name}, line {frame.tb_lineno})"
    return f"{type(error).__name__}{inner}{place}"


def _answer(answers: TextIO, values: Mapping[str, Any]) -> None:
    answers.write(json.dumps(values) + "\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
