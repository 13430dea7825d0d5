"""From the warehouse to lifetime-value models and back. Belongs here: reading purchase histories,
the week's fit, and writing scores and the model registry. Does not belong here: the models
themselves (`lifetime_value/`), how histories are counted (dbt), and Dagster."""

from dagster_project.forecast.run import Outcome, forecast
from dagster_project.forecast.tables import ensure_tables

__all__ = ["Outcome", "ensure_tables", "forecast"]
