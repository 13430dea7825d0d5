"""Lifetime value: reads purchase histories from the warehouse and writes forecasts back. Belongs here: reading
the histories, the week's fit, the registry of models, the scores and the points of the plots. Does not belong
here: the models themselves (`btyd/`), how histories are counted (dbt), or Dagster. `fit.py` takes a second to
import (scipy); `tables.py` defines the tables without it."""
