-- Grain: part of the revenue, month in the future. In every month the revenue of today's customers
-- and of those to come sum to that of all, where all three are published. Interval bounds are not
-- additive, over parts or months: the interval of a sum is learned from errors of sums. The rules
-- are in dagster_project/forecasting/.
select
    forecasts.part,
    forecasts.months_ahead,
    {{ money('forecasts.expected') }} as expected_revenue,
    {{ money('forecasts.low') }} as revenue_low,
    {{ money('forecasts.high') }} as revenue_high,
    {{ money('forecasts.cumulative_expected') }} as cumulative_expected_revenue,
    {{ money('forecasts.cumulative_low') }} as cumulative_low,
    {{ money('forecasts.cumulative_high') }} as cumulative_high,
    currencies.currency_code,
    forecasts.method,
    forecasts.reason_code,
    forecasts.cumulative_reason_code,
    forecasts.origin_month,
    forecasts.month
from {{ source('forecast', 'revenue_forecasts') }} as forecasts
cross join {{ ref('int_reporting_currency') }} as currencies
