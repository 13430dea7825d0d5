-- Grain: lifecycle, stage, origin month, month. The forecast made at the end of each past month,
-- from earlier months only, compared with what happened.
with forecasts as (
    select * from {{ ref('int_stage_forecasts') }}
),

actual as (
    select
        lifecycle,
        month,
        to_stage as stage,
        sum(customer_count) as customer_count
    from {{ ref('int_stage_months_moved') }}
    group by lifecycle, month, to_stage
),

last_months as (
    select max(origin_month) as month from forecasts
),

dated as (
    select
        forecasts.lifecycle,
        forecasts.stage,
        forecasts.months_ahead,
        forecasts.origin_customer_count,
        {{ forecast_interval() }},
        forecasts.origin_month,
        {{ month_after('forecasts.origin_month', 'forecasts.months_ahead') }}
            as month
    from forecasts
    inner join {{ ref('int_stage_forecast_errors_learned') }} as learned
        on forecasts.lifecycle = learned.lifecycle
        and forecasts.origin_month = learned.origin_month
    cross join {{ ref('int_thresholds') }} as thresholds
)

select
    dated.lifecycle,
    dated.stage,
    cast(dated.months_ahead as integer) as months_ahead,
    cast(dated.origin_customer_count as integer) as origin_customer_count,
    dated.expected_customer_count,
    dated.expected_customer_count_low,
    dated.expected_customer_count_high,
    dated.known_error_count,
    cast(coalesce(actual.customer_count, 0) as integer) as actual_customer_count,
    {{ quantity('dated.expected_customer_count - coalesce(actual.customer_count, 0)') }}
        as forecast_error,
    cast(dated.origin_customer_count - coalesce(actual.customer_count, 0) as integer)
        as no_change_error,
    coalesce(actual.customer_count, 0)
    between dated.expected_customer_count_low and dated.expected_customer_count_high
        as is_within_interval,
    dated.origin_month,
    dated.month
from dated
inner join last_months
    on dated.month <= last_months.month
left join actual
    on dated.lifecycle = actual.lifecycle
    and dated.stage = actual.stage
    and dated.month = actual.month
