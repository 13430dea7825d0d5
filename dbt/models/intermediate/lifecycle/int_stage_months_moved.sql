-- One row per lifecycle, whole month, stage at the end of the month before (null for customers who were not
-- there yet) and stage at its end. Moves to and fro within a month are not seen.
with months as (
    select distinct
        month_start_date as month,
        cast({{ dbt.dateadd('month', 1, 'month_start_date') }} as timestamp) as ended_at
    from {{ ref('dim_dates') }}
),

whole_months as (
    select month, ended_at from months where ended_at <= {{ as_of() }}
),

held as (
    select
        intervals.customer_id,
        intervals.lifecycle,
        intervals.stage as to_stage,
        whole_months.month,
        lag(intervals.stage) over (
            partition by intervals.customer_id, intervals.lifecycle order by whole_months.month
        ) as from_stage
    from {{ ref('fct_customer_stage_intervals') }} as intervals
    inner join whole_months
        on intervals.valid_from < whole_months.ended_at
        and coalesce(intervals.valid_to >= whole_months.ended_at, true)
)

select
    lifecycle,
    month,
    from_stage,
    to_stage,
    count(*) as customer_count
from held
group by lifecycle, month, from_stage, to_stage
