"""Every private name of Dagster that the project uses, each with its reason. Belongs here: those imports and
nothing else. Does not belong here: what has a public name.

- `WorkspaceProcessContext`, `ModuleTarget`: `dagster-webserver` makes its app from a workspace by a public
  function, `create_app_from_workspace_process_context`, but only its command makes the workspace. The command
  takes no middleware, so the page could not be protected (`own_page.py`).
"""

from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget

__all__ = ["ModuleTarget", "WorkspaceProcessContext"]
