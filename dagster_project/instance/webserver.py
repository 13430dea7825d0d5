"""Dagster's web page on loopback, answering its own requests only. Belongs here: starting the page as a process
of `lifecycle dev`. Does not belong here: what is refused (`own_page.py`), or the daemon."""

from __future__ import annotations

import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dagster as dg
import uvicorn
from dagster_webserver.app import create_app_from_workspace_process_context
from starlette.applications import Starlette

from dagster_project.instance.own_page import OwnPageOnly
from dagster_project.instance.private_names import WorkspaceFileTarget, WorkspaceProcessContext

CLOSING_SECONDS = 2
POLL_MILLISECONDS = 2_000  # how often the page asks for news of assets, as in `dagster dev`


def serve(port: int, workspace_file: str) -> None:
    """Answers on 127.0.0.1 until SIGTERM, for the code that the workspace file names. Dagster's home comes from
    DAGSTER_HOME."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    @asynccontextmanager
    async def announced(app: Starlette) -> AsyncIterator[None]:
        print(f"http://127.0.0.1:{port} (Ctrl-C ends it)", flush=True)
        yield

    with (
        dg.DagsterInstance.get() as instance,
        WorkspaceProcessContext(instance, WorkspaceFileTarget([workspace_file])) as workspace,
    ):
        app = create_app_from_workspace_process_context(
            workspace, live_data_poll_rate=POLL_MILLISECONDS, lifespan=announced
        )
        app.add_middleware(OwnPageOnly, port=port)
        uvicorn.run(
            app,
            host="127.0.0.1",
            port=port,
            log_level="warning",
            timeout_graceful_shutdown=CLOSING_SECONDS,
        )


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2])
