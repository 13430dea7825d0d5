with moves as (
    select lifecycle, stage, cast(valid_from as date) as day, 1 as entered, 0 as exited
    from {{ ref('fct_customer_stage_intervals') }} as fct_customer_stage_intervals
    union all
    select lifecycle, stage, cast(valid_to as date), 0, 1
    from {{ ref('fct_customer_stage_intervals') }} as fct_customer_stage_intervals
    where valid_to is not null
),
daily as (
    select lifecycle, stage, day, sum(entered) as entered, sum(exited) as exited
    from moves
    group by lifecycle, stage, day
)
select
    stages.lifecycle,
    stages.stage,
    dates.date_day as date,
    cast(sum(coalesce(entered - exited, 0)) over (
        partition by stages.lifecycle, stages.stage order by dates.date_day
    ) as integer) as customer_count,
    cast(coalesce(entered, 0) as integer) as entered_count,
    cast(coalesce(exited, 0) as integer) as exited_count
from {{ ref('dim_lifecycle_stages') }} as stages
cross join {{ ref('dim_dates') }} as dates
left join daily
    on stages.lifecycle = daily.lifecycle and stages.stage = daily.stage and dates.date_day = daily.day
