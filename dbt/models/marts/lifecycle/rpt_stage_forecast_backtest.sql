-- Grain: lifecycle, stage, origin month, month. The published forecast as it would have been made
-- at the end of each past month, from earlier months only, compared with what happened.
with backtests as (
    select
        lifecycle,
        stage,
        months_ahead,
        origin_customer_count,
        {{ quantity('expected') }} as expected_customer_count,
        {{ quantity('low') }} as expected_customer_count_low,
        {{ quantity('high') }} as expected_customer_count_high,
        known_error_count,
        actual_customer_count,
        method,
        origin_month,
        month
    from {{ source('forecast', 'stage_forecast_backtests') }}
)

select
    lifecycle,
    stage,
    months_ahead,
    origin_customer_count,
    expected_customer_count,
    expected_customer_count_low,
    expected_customer_count_high,
    known_error_count,
    actual_customer_count,
    {{ quantity('expected_customer_count - actual_customer_count') }} as forecast_error,
    origin_customer_count - actual_customer_count as no_change_error,
    actual_customer_count between expected_customer_count_low and expected_customer_count_high
        as is_within_interval,
    method,
    origin_month,
    month
from backtests
