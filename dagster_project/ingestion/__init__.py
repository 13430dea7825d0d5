"""How a delivered file becomes raw rows: readers, load ledger, quarantine and conservation. Belongs
here: everything between a landing folder and `raw_<system>.<entity>`. Does not belong here:
Dagster, and the meaning of a record beyond its format."""

from dagster_project.ingestion.files import DeliveredFile, Source, delivered_files
from dagster_project.ingestion.formats import Column, Entity, Format, FormatError, load_format
from dagster_project.ingestion.ledger import Load
from dagster_project.ingestion.load import FileProgress, ingest
from dagster_project.ingestion.newest import newest_record_at
from dagster_project.ingestion.schema import ensure_tables

__all__ = [
    "Column",
    "DeliveredFile",
    "Entity",
    "FileProgress",
    "Format",
    "FormatError",
    "Load",
    "Source",
    "delivered_files",
    "ensure_tables",
    "ingest",
    "load_format",
    "newest_record_at",
]
