"""Reusable source components, named by the `defs.yaml` files of defs/ingestion/."""

from dagster_project.components.delivered_files import DeliveredFiles

__all__ = ["DeliveredFiles"]
