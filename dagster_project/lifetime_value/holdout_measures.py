"""What a model is measured by on the past that was held out of its fit. Belongs here: the names, for rows of
the registry and the table that takes them, without the numerics that take a second to import. Does not belong
here: the measures (`lifetime_value/measures.py`)."""

MEASURES = (
    "mean_absolute_error",
    "root_mean_square_error",
    "relative_mean_absolute_error",
    "relative_root_mean_square_error",
    "aggregate_error",
    "gini",
    "active_calibration_error",
    "coverage_80",
    "coverage_95",
    "spend_mean_absolute_error",
    "spend_aggregate_error",
    "spend_coverage_80",
    "spend_coverage_95",
)
