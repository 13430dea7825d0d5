-- The revenue that forecasts are judged by is that of the cohorts, to the cent. Today's customers
-- and those to come sum to all, months to their sum, and numbers are there exactly where the reason
-- is `forecast`.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_revenue_forecast'}}}) }}
with forecasts as (
    select * from {{ ref('rpt_revenue_forecast') }}
),

cohorts as (
    select
        cohort_month,
        {{ month_after('cohort_month', 'months_since_first_order') }} as month,
        net_revenue
    from {{ ref('fct_customer_cohorts_monthly') }}
),

judged as (
    select
        backtests.part,
        backtests.origin_month,
        backtests.month,
        backtests.actual_revenue,
        coalesce(sum(cohorts.net_revenue), 0) as cohort_revenue
    from {{ ref('rpt_revenue_forecast_backtest') }} as backtests
    left join cohorts
        on backtests.month = cohorts.month
        and backtests.part in (
            'all',
            case
                when backtests.origin_month < cohorts.cohort_month then 'new_customers'
                else 'todays_customers'
            end
        )
    group by
        backtests.part, backtests.origin_month, backtests.month, backtests.actual_revenue
),

parts as (
    select
        month,
        sum(case when part = 'all' then expected_revenue else -expected_revenue end) as difference
    from forecasts
    group by month
    having count(expected_revenue) = 3
),

running as (
    select
        part,
        month,
        cumulative_expected_revenue - sum(expected_revenue) over (
            partition by part order by months_ahead
            rows between unbounded preceding and current row
        ) as difference
    from forecasts
    where reason_code = 'forecast'
)

select
    'judged by other revenue than that of the cohorts' as violation,
    part,
    month
from judged
where actual_revenue <> cohort_revenue
union all
select
    'parts do not sum to all' as violation,
    cast(null as {{ dbt.type_string() }}) as part,
    month
from parts
where difference <> 0
union all
select
    'months do not sum to their sum' as violation,
    part,
    month
from running
where difference <> 0
union all
select
    'a number without a reason, or a reason without a number' as violation,
    part,
    month
from forecasts
where
    (reason_code = 'forecast') <> (expected_revenue is not null)
    or (reason_code = 'forecast') <> (revenue_low is not null)
    or (cumulative_reason_code = 'forecast') <> (cumulative_expected_revenue is not null)
    or (cumulative_reason_code = 'forecast') <> (cumulative_high is not null)
    or (reason_code = 'forecast' or cumulative_reason_code = 'forecast') <> (method is not null)
