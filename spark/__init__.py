"""The same models on Spark, and the proof that their results are equal. Belongs here: a cluster on this
machine, the run on it, and the comparison with DuckDB. Does not belong here: the models and what differs
between the engines (`dbt/macros/engine/`), the export (`dagster_project/publication/lake.py`)."""
