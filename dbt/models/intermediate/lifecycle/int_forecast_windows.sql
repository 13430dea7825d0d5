-- One row per origin month (the last month that a forecast knows) and month that it learns from:
-- the whole months up to the origin, at most `forecast_months`. The newest origin gives the current
-- forecast, the others its backtest.
with thresholds as (
    select forecast_months, forecast_minimum_months, forecast_backtest_months
    from {{ ref('int_thresholds') }}
),

starts as (
    select distinct month_start_date as month from {{ ref('dim_dates') }}
),

ends as (
    select
        month,
        {{ month_after('month', 1) }} as end_date
    from starts
),

months as (
    select
        month,
        row_number() over (order by month, end_date) as age,
        row_number() over (order by month desc, end_date desc) as newness
    from ends
    where end_date <= {{ as_of_date() }}
),

origins as (
    select
        months.month as origin_month,
        months.age as origin_age,
        least(months.age, cast(thresholds.forecast_months as bigint)) as month_count
    from months
    cross join thresholds
    where
        months.newness <= thresholds.forecast_backtest_months + 1
        and months.age >= thresholds.forecast_minimum_months
)

select
    origins.origin_month,
    cast(origins.month_count as integer) as month_count,
    months.month
from origins
inner join months
    on origins.origin_age >= months.age
    and origins.origin_age - origins.month_count < months.age
