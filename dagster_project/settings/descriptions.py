"""What each setting is for. Belongs here: one line for people per variable. Does not belong here: reading or
validating it (`settings/__init__.py`)."""

from __future__ import annotations

DESCRIPTIONS: dict[str, str] = {
    "LIFECYCLE_HOME": "folder for everything the pipeline writes (default ./var)",
    "LIFECYCLE_LANDING": "folder where files are delivered (default ./seeds/demo)",
    "LIFECYCLE_SYSTEMS": "comma-separated systems to ingest (default demo)",
    "LIFECYCLE_AS_OF": "the build's logical end: a date, exclusive, `yesterday` or `newest` "
    "(default: the nightly partition's end; for one-off builds newest)",
    "LIFECYCLE_REPORTING_TIMEZONE": "time zone of the marts' days, weeks and months (default UTC)",
    "LIFECYCLE_CURRENCY": "reporting currency (default EUR, or the only currency present)",
    "LIFECYCLE_PII_KEY": "key of the pseudonyms (default: made on first use in LIFECYCLE_HOME)",
    "LIFECYCLE_EXTRA_LIFECYCLES": "comma-separated lifecycles besides relationship and journey, "
    "e.g. hubspot (default none)",
    "LIFECYCLE_TIMEZONE": "time zone of the nightly schedule (default UTC)",
    "LIFECYCLE_FIRST_DAY": "no record is older than this day (default 1995-01-01)",
    "LIFECYCLE_DAYS_AHEAD": "days that a record may be later than its loading (default 1)",
    "LIFECYCLE_KEEP_BUILDS": "published builds kept for rollback (default 3)",
    "LIFECYCLE_THREADS": "threads of DuckDB (default: the machine's cores)",
    "LIFECYCLE_MEMORY_LIMIT": "memory limit of DuckDB, e.g. 4GB (default: DuckDB's own)",
}
