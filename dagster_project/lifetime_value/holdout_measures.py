"""The measures of a model on the holdout of its backtest. Belongs here: their names, for the rows of the
registry and for the table that holds them, without the numerics that take a second to import. Does not belong
here: their computation (`btyd/measures.py`)."""

MEASURES = (
    "mean_absolute_error",
    "root_mean_square_error",
    "relative_mean_absolute_error",
    "relative_root_mean_square_error",
    "aggregate_error",
    "gini",
    "log_score",
    "active_calibration_error",
    "coverage_80",
    "coverage_95",
    "spend_mean_absolute_error",
    "spend_aggregate_error",
    "spend_coverage_80",
    "spend_coverage_95",
)
