-- One row per lifecycle and origin month: how much wider than the chain's own variance the
-- intervals must be. It is learned from earlier forecasts whose months were over by then. Behaviour
-- drifts, so errors grow faster with the months ahead than chance alone: the factor is 1 + excess *
-- months ahead.
with forecasts as (
    select
        lifecycle,
        origin_month,
        months_ahead,
        stage,
        expected_count,
        chance_variance + estimate_variance as variance,
        {{ month_after('origin_month', 'months_ahead') }} as month
    from {{ ref('int_stage_forecasts') }}
),

origins as (
    select distinct lifecycle, origin_month from forecasts
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

errors as (
    select
        forecasts.lifecycle,
        forecasts.month,
        forecasts.months_ahead,
        (forecasts.expected_count - coalesce(actual.customer_count, 0))
        * (forecasts.expected_count - coalesce(actual.customer_count, 0))
        / forecasts.variance as squared_error
    from forecasts
    left join actual
        on forecasts.lifecycle = actual.lifecycle
        and forecasts.month = actual.month
        and forecasts.stage = actual.stage
    -- A forecast with almost no variance (a stage that no one enters) cannot show how wide
    -- intervals must be.
    where forecasts.variance >= 0.01
),

summed as (
    select
        origins.lifecycle,
        origins.origin_month,
        count(errors.month) as error_count,
        {{ exact_sum('(errors.squared_error - 1) * errors.months_ahead') }} as excess_sum,
        sum(errors.months_ahead * errors.months_ahead) as weight_sum
    from origins
    left join errors
        on origins.lifecycle = errors.lifecycle
        and origins.origin_month >= errors.month
    group by origins.lifecycle, origins.origin_month
)

select
    lifecycle,
    origin_month,
    error_count,
    case when error_count > 0 then greatest(excess_sum / weight_sum, 0) else 0 end as excess
from summed
