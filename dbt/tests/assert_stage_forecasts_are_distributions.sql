-- In the forecast, the probabilities out of a stage sum to 1, and the expected customers of a month
-- are those of the origin plus the new ones since.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_stage_forecast'}}}) }}
with powers as (
    select
        lifecycle,
        origin_month,
        months_ahead,
        from_stage,
        sum(cast(probability as decimal(30, 12))) as probability
    from {{ ref('int_stage_chain_powers') }}
    group by lifecycle, origin_month, months_ahead, from_stage
),

entrants as (
    select
        lifecycle,
        origin_month,
        sum(cast(monthly_count as decimal(30, 12))) as monthly_count
    from {{ ref('int_stage_chains_estimated') }}
    where from_stage is null
    group by lifecycle, origin_month
),

forecasts as (
    select
        lifecycle,
        origin_month,
        months_ahead,
        sum(origin_customer_count) as origin_customer_count,
        sum(expected_customer_count) as expected_customer_count
    from {{ ref('rpt_stage_forecast') }}
    group by lifecycle, origin_month, months_ahead
)

select 'chances do not sum to 1' as violation, lifecycle, months_ahead
from powers
where abs(probability - 1) > 1e-9
union all
select 'customers appear or vanish' as violation, forecasts.lifecycle, forecasts.months_ahead
from forecasts
inner join entrants
    on forecasts.lifecycle = entrants.lifecycle
    and forecasts.origin_month = entrants.origin_month
where
    abs(
        forecasts.expected_customer_count - forecasts.origin_customer_count
        - forecasts.months_ahead * entrants.monthly_count
    ) > 1e-4
union all
select 'the interval does not hold the expectation' as violation, lifecycle, months_ahead
from {{ ref('rpt_stage_forecast') }}
where
    expected_customer_count < expected_customer_count_low
    or expected_customer_count > expected_customer_count_high
