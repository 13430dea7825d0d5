"""The private warehouse as a file: who may write it, and how it is opened. Belongs here: the writer's
lock and short-lived connections. Does not belong here: what is in it."""

from dagster_project.warehouse.connection import Warehouse
from dagster_project.warehouse.lock import WriterLock

__all__ = ["Warehouse", "WriterLock"]
