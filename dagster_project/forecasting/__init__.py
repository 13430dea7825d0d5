"""Forecasts that had to earn it: every forecast of the product is chosen, scored and gated by the functions
of this package. Belongs here: the backtest (`backtest.py`), scores, intervals, simple baselines, and the
forecasts of stages and revenue. Does not belong here: lifetime value, which uses these functions, how
histories are counted (dbt), or Dagster. `vocabulary.py` and `tables.py` import no numerics."""
