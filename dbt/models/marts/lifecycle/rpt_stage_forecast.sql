-- Grain: lifecycle, stage, month in the future. The expected counts of a month sum to the expected
-- customers of the lifecycle. The interval bounds are not additive.
with forecasts as (
    select * from {{ ref('int_stage_forecasts') }}
),

newest as (
    select max(origin_month) as origin_month from forecasts
)

select
    forecasts.lifecycle,
    forecasts.stage,
    cast(forecasts.months_ahead as integer) as months_ahead,
    cast(forecasts.origin_customer_count as integer) as origin_customer_count,
    {{ forecast_interval() }},
    forecasts.origin_month,
    {{ month_after('forecasts.origin_month', 'forecasts.months_ahead') }}
        as month
from forecasts
inner join newest
    on forecasts.origin_month = newest.origin_month
inner join {{ ref('int_stage_forecast_errors_learned') }} as learned
    on forecasts.lifecycle = learned.lifecycle
    and forecasts.origin_month = learned.origin_month
cross join {{ ref('int_thresholds') }} as thresholds
