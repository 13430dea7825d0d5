"""Replaces Spark's own package where nothing runs on Spark, so that dbt can still compile models for it.
Belongs here: an empty database. Does not belong here: results of queries."""
