"""The code location: loads `defs/` and hands it the toolbox. Nothing else belongs here."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from dagster_project.resources import toolbox_resource
from dagster_project.settings import load_settings


@dg.definitions
def defs() -> dg.Definitions:
    """Everything that exists, with the in-process executor: one writer, one process."""
    return dg.Definitions.merge(
        dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
        dg.Definitions(
            resources={"toolbox": toolbox_resource(load_settings())},
            executor=dg.in_process_executor,
        ),
    )
