"""Stands in for Spark's own package where nothing runs on Spark: dbt compiles models for it all the same.
Belongs here: an empty database. Does not belong here: an answer to a query."""
