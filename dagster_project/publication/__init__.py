"""Publication: an audited build becomes visible as a whole, in one step. Belongs here: the served
folder, its builds, and the export to a lake. Does not belong here: Dagster (`defs/publication/`), the
private record of builds (`warehouse/builds.py`), what the marts mean (`dbt/`), or how results are shown
(`cli/`)."""
