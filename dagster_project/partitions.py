"""The days a build can be for. Belongs here: the one partitions definition."""

import dagster as dg

# A build of day D is as of D + 1, 00:00 UTC, exclusive. History older than this needs --as-of.
BUILD_DAYS = dg.DailyPartitionsDefinition(start_date="2010-01-01", timezone="UTC")
