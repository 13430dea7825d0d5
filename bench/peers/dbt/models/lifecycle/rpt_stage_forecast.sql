select * exclude (actual_customer_count, newest_month)
from {{ ref('int_forecast_intervals') }} as forecast_intervals
where origin_month = newest_month
