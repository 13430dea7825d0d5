-- One row per lifecycle, whole month, stage at the end of the month before (null for customers who were not
-- there yet) and stage at its end. Moves to and fro within a month are not seen. A stay is counted by the first and
-- the last month at whose end it was held: writing out the months between would be a row per customer and month.
with stays as (
    select
        customer_id,
        lifecycle,
        stage,
        valid_from,
        {{ month_of('valid_from') }} as first_month,
        cast({{ dbt.dateadd('month', -1, month_of('coalesce(valid_to, ' ~ as_of() ~ ')')) }} as date) as last_month
    from {{ ref('fct_customer_stage_intervals') }}
),

moved as (
    select
        lifecycle,
        lag(stage) over (partition by customer_id, lifecycle order by valid_from) as from_stage,
        stage as to_stage,
        first_month,
        last_month
    from stays
    where first_month <= last_month
),

-- Some ten thousand kinds of stays, of which everything else is counted.
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

-- Who stayed: more from the month after the first, fewer from the month after the last.
staying_changes as (
    select lifecycle, to_stage as stage, first_month as after_month, sum(customer_count) as customer_count
    from held
    group by lifecycle, to_stage, first_month
    union all
    select lifecycle, to_stage as stage, last_month as after_month, -sum(customer_count) as customer_count
    from held
    group by lifecycle, to_stage, last_month
),

stayed as (
    select
        changes.lifecycle,
        months.month,
        changes.stage,
        sum(changes.customer_count) as customer_count
    from (select distinct month_start_date as month from {{ ref('dim_dates') }}) as months
    inner join staying_changes as changes
        on months.month > changes.after_month
    group by changes.lifecycle, months.month, changes.stage
    having sum(changes.customer_count) > 0
),

moves as (
    select lifecycle, month, from_stage, to_stage, customer_count from came
    union all
    select lifecycle, month, stage as from_stage, stage as to_stage, customer_count from stayed
)

select
    lifecycle,
    month,
    from_stage,
    to_stage,
    cast(sum(customer_count) as bigint) as customer_count
from moves
group by lifecycle, month, from_stage, to_stage
