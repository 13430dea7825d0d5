"""Lifetime value from the warehouse and back. Belongs here: reading purchase histories, the week's fit, the
registry of models, scores and the points of the plots. Does not belong here: the models themselves (`btyd/`),
how histories are counted (dbt), or Dagster. `fit.py` takes a second to import (scipy); `tables.py` says what
the tables are without it."""
