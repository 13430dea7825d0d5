-- One row per lifecycle, stage, stages before and after, and first and last month-end of the stage
-- intervals that hold one: a few thousand rows, however many customers. Intervals between two
-- month-ends do not appear. Stages are forecast from these rows
-- (dagster_project/forecasting/spells.py).
with intervals as (
    select
        customer_id,
        lifecycle,
        stage,
        valid_from,
        {{ month_of('valid_from') }} as first_month,
        {{ month_after(month_of('coalesce(valid_to, ' ~ as_of() ~ ')'), -1) }} as last_month
    from {{ ref('fct_customer_stage_intervals') }}
),

held as (
    select
        lifecycle,
        stage,
        lag(stage) over (partition by customer_id, lifecycle order by valid_from)
            as previous_stage,
        lead(stage) over (partition by customer_id, lifecycle order by valid_from)
            as next_stage,
        first_month,
        last_month
    from intervals
    where first_month <= last_month
)

select
    lifecycle,
    stage,
    previous_stage,
    next_stage,
    first_month,
    last_month,
    count(*) as customer_count
from held
group by lifecycle, stage, previous_stage, next_stage, first_month, last_month
