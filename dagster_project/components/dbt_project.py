"""The dbt project as this installation's Dagster declares it. Belongs here: its manifest and translator,
made once a process. Does not belong here: what is made of them."""

from __future__ import annotations

from dagster_project.components.dbt_translator import LifecycleTranslator
from dagster_project.settings import load_settings
from dagster_project.transformation.manifest import read_manifest

SETTINGS = load_settings()
MANIFEST = read_manifest(SETTINGS)
TRANSLATOR = LifecycleTranslator(MANIFEST, SETTINGS.systems)
ON_FORECAST = "source:forecast+"  # dbt's words for everything that reads the schema `forecast`
HIDDEN = " ".join(TRANSLATOR.hidden_models)
