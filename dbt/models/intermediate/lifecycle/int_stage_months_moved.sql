-- One row per lifecycle, whole month, stage at the end of the previous month (null for new
-- customers) and stage at the end of the month. Moves that return within a month do not appear. An
-- interval is counted by the first and the last month-end within it: a row for every month in
-- between would be a row per customer and month.
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

moved as (
    select
        lifecycle,
        lag(stage) over (partition by customer_id, lifecycle order by valid_from) as from_stage,
        stage as to_stage,
        first_month,
        last_month
    from intervals
    where first_month <= last_month
),

-- A few thousand to ten thousand groups of equal intervals. All counts below are computed from
-- these.
held as (
    select lifecycle, from_stage, to_stage, first_month, last_month, count(*) as customer_count
    from moved
    group by lifecycle, from_stage, to_stage, first_month, last_month
),

came as (
    select
        lifecycle,
        first_month as month,
        from_stage,
        to_stage,
        sum(customer_count) as customer_count
    from held
    group by lifecycle, first_month, from_stage, to_stage
),

-- Customers who remained in a stage: added from the month after the first, removed from the month
-- after the last.
remaining_changes as (
    select
        lifecycle,
        to_stage as stage,
        first_month as after_month,
        sum(customer_count) as customer_count
    from held
    group by lifecycle, to_stage, first_month
    union all
    select
        lifecycle,
        to_stage as stage,
        last_month as after_month,
        -sum(customer_count) as customer_count
    from held
    group by lifecycle, to_stage, last_month
),

remained as (
    select
        changes.lifecycle,
        months.month,
        changes.stage,
        sum(changes.customer_count) as customer_count
    from (select distinct month_start_date as month from {{ ref('dim_dates') }}) as months
    inner join remaining_changes as changes
        on months.month > changes.after_month
    group by changes.lifecycle, months.month, changes.stage
    having sum(changes.customer_count) > 0
),

moves as (
    select lifecycle, month, from_stage, to_stage, customer_count from came
    union all
    select lifecycle, month, stage as from_stage, stage as to_stage, customer_count from remained
)

select
    lifecycle,
    month,
    from_stage,
    to_stage,
    cast(sum(customer_count) as bigint) as customer_count
from moves
group by lifecycle, month, from_stage, to_stage
