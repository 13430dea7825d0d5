-- Grain: part of the revenue, origin month, month. The published forecast as it would have been
-- made at the end of each past month, from earlier months only, compared with what happened.
with backtests as (
    select
        part,
        months_ahead,
        {{ money('expected') }} as expected_revenue,
        {{ money('low') }} as revenue_low,
        {{ money('high') }} as revenue_high,
        {{ money('actual') }} as actual_revenue,
        {{ money('cumulative_expected') }} as cumulative_expected_revenue,
        {{ money('cumulative_low') }} as cumulative_low,
        {{ money('cumulative_high') }} as cumulative_high,
        {{ money('cumulative_actual') }} as cumulative_actual_revenue,
        method,
        origin_month,
        month
    from {{ source('forecast', 'revenue_forecast_backtests') }}
)

select
    backtests.part,
    backtests.months_ahead,
    backtests.expected_revenue,
    backtests.revenue_low,
    backtests.revenue_high,
    backtests.actual_revenue,
    backtests.actual_revenue between backtests.revenue_low and backtests.revenue_high
        as is_within_interval,
    backtests.cumulative_expected_revenue,
    backtests.cumulative_low,
    backtests.cumulative_high,
    backtests.cumulative_actual_revenue,
    backtests.cumulative_actual_revenue
    between backtests.cumulative_low and backtests.cumulative_high
        as is_within_cumulative_interval,
    currencies.currency_code,
    backtests.method,
    backtests.origin_month,
    backtests.month
from backtests
cross join {{ ref('int_reporting_currency') }} as currencies
