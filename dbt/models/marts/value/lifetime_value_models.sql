-- Grain: fitted model of this build. The private warehouse keeps earlier fits
-- (forecast.lifetime_value_models).
with verdicts as (
    select * from {{ source('forecast', 'lifetime_value_verdicts') }}
)

select
    models.model_id,
    models.family,
    models.component,
    models.segment,
    models.status,
    models.is_champion,
    models.parameters,
    models.log_covariance,
    models.at_boundary,
    models.data_hash,
    cast(models.customer_count as integer) as customer_count,
    cast(models.iterations as integer) as iterations,
    models.log_likelihood,
    models.comparable_log_likelihood,
    models.frequency_spend_correlation,
    models.holdout_mean_absolute_error as holdout_mae,
    models.holdout_root_mean_square_error as holdout_rmse,
    models.holdout_relative_mean_absolute_error as holdout_relative_mae,
    models.holdout_relative_root_mean_square_error as holdout_relative_rmse,
    models.holdout_aggregate_error,
    models.holdout_gini,
    models.holdout_log_score,
    models.holdout_active_calibration_error,
    models.holdout_coverage_80,
    models.holdout_coverage_95,
    models.holdout_spend_mean_absolute_error as holdout_spend_mae,
    models.holdout_spend_aggregate_error,
    models.holdout_spend_coverage_80,
    models.holdout_spend_coverage_95,
    verdicts.total_expected_orders as expected_orders_12m,
    verdicts.total_expected_orders_low as expected_orders_12m_low,
    verdicts.total_expected_orders_high as expected_orders_12m_high,
    models.as_of,
    models.fitted_to,
    cast(models.fitted_at as {{ dbt.type_timestamp() }}) as fitted_at
from {{ source('forecast', 'lifetime_value_models') }} as models
left join verdicts
    on models.model_id = verdicts.model_id
where models.is_current
