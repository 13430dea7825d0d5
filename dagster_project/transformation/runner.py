"""Asking the dbt process to build. Belongs here: starting it early, handing it the command, passing on
its answers. Does not belong here: dbt itself (`worker.py` imports it), or what a result is (`results.py`)."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from dagster_project.errors import UserError
from dagster_project.settings import Settings
from dagster_project.transformation.incremental_state import Foundation
from dagster_project.transformation.project import DBT_FOLDER, dbt_arguments, dbt_environment
from dagster_project.transformation.results import NodeResult, node_result, read_results

# dbt would write its manifest after parsing and after each build, .6 s each; it is there (`ensure_manifest`).
NO_MANIFEST = "--no-write-json"


class DbtProcess:
    """A dbt that is starting up. `start` returns at once; `build` waits for it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._words: IO[str] | None = None

    def __enter__(self) -> DbtProcess:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the process, unless it runs already."""
        if self._process is not None:
            return
        self._words = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by stop()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dagster_project.transformation.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            text=True,
            env=dbt_environment(self._settings),
            cwd=self._settings.home,
        )
        self._send({"parse": [NO_MANIFEST, *dbt_arguments(self._settings, "parse")]})

    def stop(self) -> None:
        """Ends the process. Safe at any time; an interrupted model leaves its transaction undone."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()
        if self._words is not None:
            self._words.close()
            self._words = None

    def build(
        self,
        *,
        as_of: date,
        foundation: Foundation | None = None,
        known_at: date | None = None,
        part: Sequence[str] = (),
    ) -> Iterator[NodeResult]:
        """Runs every seed, model and data test (of `part`: dbt's --select or --exclude with what
        follows) as of a date, and yields how each went as it finishes; failures are results, not exceptions.
        With a foundation only what changed since is computed; `known_at` leaves out what was loaded on or
        after that day. Raises UserError when dbt itself could not run."""
        self.start()
        self._results_path.unlink(missing_ok=True)
        request = {
            "build": [
                *build_arguments(self._settings, builds_incrementally=foundation is not None),
                *part,
            ],
            "environment": build_environment(as_of, foundation, known_at),
            "results": str(self._results_path),
        }
        seen: set[str] = set()
        error = ""
        for message in self._ask(request):
            error = message.get("error", "")
            if "node" in message:
                seen.add(message["node"]["unique_id"])
                yield node_result(**message["node"], table=message["table"])
        if not self._results_path.exists():
            raise UserError(
                f"dbt could not run: {error or 'it ended without a word'}",
                where=str(DBT_FOLDER),
                todo=f"See {self._settings.dbt_target_folder / 'logs' / 'dbt.log'}.",
            )
        # What dbt's own trouble ended, it tells at the end alone.
        yield from (each for each in read_results(self._results_path) if each.unique_id not in seen)

    @property
    def _results_path(self) -> Path:
        return self._settings.dbt_target_folder / "run_results.json"

    def _ask(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The answers to a request; the last one has `finished` or, when the process ended, only `error`."""
        assert self._process is not None
        assert self._process.stdout is not None
        self._send(request)
        for line in self._process.stdout:
            message: dict[str, Any] = json.loads(line)
            yield message
            if "finished" in message:
                return
        yield {"error": self._last_words()}

    def _send(self, request: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended: its last words will be read
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()

    def _last_words(self) -> str:
        if self._words is None:
            return ""
        self._words.seek(0)
        lines = [line.strip() for line in self._words.read().splitlines() if line.strip()]
        return lines[-1] if lines else ""


def build_environment(
    as_of: date, foundation: Foundation | None = None, known_at: date | None = None
) -> dict[str, str]:
    """What models read of the build at hand (dbt/macros/as_of.sql, incremental.sql, deliveries.sql)."""
    return {
        "DBT_AS_OF": as_of.isoformat(),
        "DBT_LAST_LOAD": str(foundation.last_load) if foundation else "",
        "DBT_LAST_AS_OF": foundation.as_of.isoformat() if foundation else "",
        "DBT_KNOWN_AT": known_at.isoformat() if known_at else "",
    }


def build_arguments(settings: Settings, *, builds_incrementally: bool = False) -> list[str]:
    """The dbt command of a build. Unit tests are for `make test`, not for every night; of exposures dbt
    would tell that it did nothing. A part asks only for the tables of the schemas that it writes."""
    return [
        NO_MANIFEST,
        *dbt_arguments(settings, "build"),
        *("--use-fast-test-edges", "--cache-selected-only"),
        *("--exclude-resource-type", "unit_test"),
        *("--exclude-resource-type", "exposure"),
        *([] if builds_incrementally else ["--full-refresh"]),
    ]
