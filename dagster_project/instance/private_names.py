"""Every private name of a library that the project uses, each with its reason (tests/conventions allows no
other file to). Belongs here: those imports and nothing else. Does not belong here: what has a public name.

- `ConsolidatedSqliteEventLogStorage`: Dagster exports no event storage. Its default one opens a file, and asks
  it for its tables, for each of a build's thousand events; this one, kept open (`storage.py`), saves .2 to .3
  of the CPU time of a demo build with nothing new (docs/decisions/0037).
- `NoOpComputeLogManager`: the default log manager captures file descriptor 1, on which a terminal's bars are
  drawn.
- `WorkspaceProcessContext`, `WorkspaceFileTarget`: `dagster-webserver` makes its app from a workspace by a
  public function, `create_app_from_workspace_process_context`, but only its command makes the workspace. The
  command takes no middleware, so the page could not be protected (`own_page.py`).
"""

from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget

__all__ = [
    "ConsolidatedSqliteEventLogStorage",
    "NoOpComputeLogManager",
    "WorkspaceFileTarget",
    "WorkspaceProcessContext",
]
