"""Errors of Spark's that dbt knows."""


class AnalysisException(Exception):  # noqa: N818 - Spark's name
    """A statement that Spark does not understand."""
