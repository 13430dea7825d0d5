"""The days a build can be for. Belongs here: the one partitions definition."""

import dagster as dg

from dagster_project.settings import load_settings

# Only the served tables are partitioned: Dagster cannot run assets downstream of partitioned ones without a
# partition, and a one-off build has none until everything has arrived (docs/decisions/0006).
# A build of day D is as of D + 1, exclusive, at midnight in the reporting time zone. History older than this
# needs --as-of.
BUILD_DAYS = dg.DailyPartitionsDefinition(
    start_date="2010-01-01", timezone=load_settings().reporting_timezone
)
