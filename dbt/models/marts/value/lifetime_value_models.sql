-- Grain: fitted model of this build. The private warehouse keeps earlier fits
-- (forecast.lifetime_value_models).
select
    model_id,
    family,
    component,
    segment,
    status,
    is_champion,
    parameters,
    log_covariance,
    at_boundary,
    data_hash,
    cast(customer_count as integer) as customer_count,
    cast(iterations as integer) as iterations,
    log_likelihood,
    frequency_spend_correlation,
    holdout_mean_absolute_error as holdout_mae,
    holdout_root_mean_square_error as holdout_rmse,
    holdout_relative_mean_absolute_error as holdout_relative_mae,
    holdout_relative_root_mean_square_error as holdout_relative_rmse,
    holdout_aggregate_error,
    holdout_gini,
    holdout_active_calibration_error,
    holdout_coverage_80,
    holdout_coverage_95,
    holdout_spend_mean_absolute_error as holdout_spend_mae,
    holdout_spend_aggregate_error,
    holdout_spend_coverage_80,
    holdout_spend_coverage_95,
    as_of,
    cast(fitted_at as {{ dbt.type_timestamp() }}) as fitted_at
from {{ source('forecast', 'lifetime_value_models') }}
where is_current
