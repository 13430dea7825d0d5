"""What data must be like, and whether it is. Belongs here: suites as plain data (`suites/`), running them with
Great Expectations (`gx/`), and the record of results, dbt's tests included. Does not belong here: Dagster
(`components/checks.py`), or what to do about a failure."""
