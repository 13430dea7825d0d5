-- Grain: lifecycle, stage, day. customer_count is as of the end of the day: the count of the day
-- before, plus entered_count, minus exited_count. Not additive across days.
with days as (
    select date_day from {{ ref('dim_dates') }}
),

stages as (
    select lifecycle, stage from {{ ref('dim_lifecycle_stages') }}
),

-- Two CTEs read the intervals, each by itself: DuckDB would hold a CTE with two readers in memory.
entries as (
    select lifecycle, stage, {{ date_of('valid_from') }} as date_day, count(*) as entered_count
    from {{ ref('fct_customer_stage_intervals') }}
    group by lifecycle, stage, {{ date_of('valid_from') }}
),

exits as (
    select lifecycle, stage, {{ date_of('valid_to') }} as date_day, count(*) as exited_count
    from {{ ref('fct_customer_stage_intervals') }}
    where valid_to is not null
    group by lifecycle, stage, {{ date_of('valid_to') }}
),

daily as (
    select
        stages.lifecycle,
        stages.stage,
        days.date_day,
        coalesce(entries.entered_count, 0) as entered_count,
        coalesce(exits.exited_count, 0) as exited_count
    from stages
    cross join days
    left join entries
        on stages.lifecycle = entries.lifecycle
        and stages.stage = entries.stage
        and days.date_day = entries.date_day
    left join exits
        on stages.lifecycle = exits.lifecycle
        and stages.stage = exits.stage
        and days.date_day = exits.date_day
)

select
    lifecycle,
    stage,
    date_day as date,
    cast(sum(entered_count - exited_count) over (
        partition by lifecycle, stage order by date_day
        rows between unbounded preceding and current row
    ) as integer) as customer_count,
    cast(entered_count as integer) as entered_count,
    cast(exited_count as integer) as exited_count
from daily
