"""From the warehouse to lifetime-value models and back. Belongs here: reading purchase histories,
the week's fit, and writing scores and the model registry. Does not belong here: the models
themselves (`lifetime_value/`), how histories are counted (dbt), and Dagster. `run.py` takes a second to
import (scipy); `tables.py` says what its tables are without it."""
