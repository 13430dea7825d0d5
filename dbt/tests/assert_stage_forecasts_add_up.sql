-- A stage's customers at the origin of the forecast are those of the daily series, the expected
-- count lies within its interval, and numbers are there exactly where the reason is `forecast`.
-- Where every stage of a lifecycle is published, customers never vanish.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_stage_forecast'}}}) }}
with forecasts as (
    select * from {{ ref('rpt_stage_forecast') }}
),

month_ends as (
    select
        lifecycle,
        stage,
        date,
        customer_count
    from {{ ref('fct_lifecycle_stages_daily') }}
),

lifecycles as (
    select
        lifecycle,
        months_ahead,
        sum(origin_customer_count) as origin_customer_count,
        sum(expected_customer_count) as expected_customer_count
    from forecasts
    group by lifecycle, months_ahead
    having count(*) = count(expected_customer_count)
)

select
    'origin differs from the daily series' as violation,
    forecasts.lifecycle,
    forecasts.stage,
    forecasts.months_ahead
from forecasts
inner join month_ends
    on forecasts.lifecycle = month_ends.lifecycle
    and forecasts.stage = month_ends.stage
    and {{ month_after('forecasts.origin_month', 1) }} = {{ date_after('month_ends.date', 1) }}
where forecasts.origin_customer_count <> month_ends.customer_count
union all
select
    'the interval does not hold the expectation' as violation,
    lifecycle,
    stage,
    months_ahead
from forecasts
where
    expected_customer_count < expected_customer_count_low
    or expected_customer_count > expected_customer_count_high
union all
select
    'a number without a reason, or a reason without a number' as violation,
    lifecycle,
    stage,
    months_ahead
from forecasts
where
    (reason_code = 'forecast') <> (expected_customer_count is not null)
    or (reason_code = 'forecast') <> (expected_customer_count_low is not null)
    or (reason_code = 'forecast') <> (expected_customer_count_high is not null)
    or (reason_code = 'forecast') <> (method is not null)
union all
select
    'customers vanish' as violation,
    lifecycle,
    cast(null as {{ dbt.type_string() }}) as stage,
    months_ahead
from lifecycles
where expected_customer_count < origin_customer_count - 1e-3
