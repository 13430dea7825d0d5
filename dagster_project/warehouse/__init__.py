"""The private warehouse as a file. Belongs here: the writer's lock, short-lived connections, the record of
builds, the pseudonyms' key, and errors of disk and DuckDB in plain words. Does not belong here: raw tables
(`ingestion/`) and models (`dbt/`)."""

from dagster_project.warehouse.connection import Warehouse
from dagster_project.warehouse.lock import WriterLock

__all__ = ["Warehouse", "WriterLock"]
