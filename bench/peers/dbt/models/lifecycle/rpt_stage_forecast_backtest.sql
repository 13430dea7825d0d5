select
    * exclude (origin_month, month, newest_month),
    expected_customer_count - actual_customer_count as forecast_error,
    origin_customer_count - actual_customer_count as no_change_error,
    actual_customer_count between expected_customer_count_low and expected_customer_count_high as is_within_interval,
    origin_month, month
from {{ ref('int_forecast_intervals') }} as forecast_intervals
where month <= newest_month
