-- In the daily series, the customers at the end of a day are those of the day before plus entries
-- minus exits, the last day agrees with the current stages, and no entry or exit is missing.
{{ config(
    meta={'dagster': {'ref': {'name': 'fct_lifecycle_stages_daily'}}, 'shows': ['violation', 'lifecycle', 'stage']},
) }}
with days as (
    select
        lifecycle,
        stage,
        date,
        customer_count,
        entered_count,
        exited_count,
        lag(customer_count, 1, 0) over (
            partition by lifecycle, stage order by date
        ) as customer_count_before,
        row_number() over (partition by lifecycle, stage order by date desc) as newness
    from {{ ref('fct_lifecycle_stages_daily') }}
),

totals as (
    select
        lifecycle,
        stage,
        sum(entered_count) as entered_count,
        sum(exited_count) as exited_count,
        sum(case when newness = 1 then customer_count else 0 end) as last_customer_count
    from days
    group by lifecycle, stage
),

intervals as (
    select
        lifecycle,
        stage,
        count(*) as entered_count,
        count(valid_to) as exited_count,
        sum(case when is_current then 1 else 0 end) as current_count
    from {{ ref('fct_customer_stage_intervals') }}
    group by lifecycle, stage
)

select 'a day does not balance' as violation, lifecycle, stage
from days
where customer_count <> customer_count_before + entered_count - exited_count
union all
select
    'the series differs from the intervals' as violation,
    coalesce(totals.lifecycle, intervals.lifecycle) as lifecycle,
    coalesce(totals.stage, intervals.stage) as stage
from totals
full outer join intervals
    on totals.lifecycle = intervals.lifecycle
    and totals.stage = intervals.stage
where
    coalesce(totals.entered_count, 0) <> coalesce(intervals.entered_count, 0)
    or coalesce(totals.exited_count, 0) <> coalesce(intervals.exited_count, 0)
    or coalesce(totals.last_customer_count, 0) <> coalesce(intervals.current_count, 0)
