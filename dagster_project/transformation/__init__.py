"""Running the dbt project. Belongs here: its manifest, a process that runs it, and what dbt said.
Does not belong here: any business rule (those are in dbt/), or Dagster."""
