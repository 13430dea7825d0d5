"""Publication: how an audited build becomes visible, whole, in one step. Belongs here: the served
folder, its builds, and the private record of builds. Does not belong here: anything of Dagster
(`defs/publication/`), what the marts mean (`dbt/`), or how results are shown (`cli/`)."""
