with held as (
    select
        lifecycle, lag(stage) over (partition by customer_id, lifecycle order by valid_from) as from_stage, stage,
        first_month, last_month
    from (
        select
            *, date_trunc('month', valid_from)::date as first_month,
            (date_trunc('month', coalesce(valid_to, timestamp '{{ var("as_of") }}')) - interval 1 month)::date as last_month
        from {{ ref('fct_customer_stage_intervals') }} as fct_customer_stage_intervals
    )
    where first_month <= last_month
),
steps as (
    select lifecycle, stage, first_month as after_month, count(*) as step from held group by all
    union all
    select lifecycle, stage, last_month, -count(*) from held group by all
),
moved as (
    select lifecycle, first_month as month, from_stage, stage as to_stage, count(*) as customer_count
    from held
    group by all
    union all
    select lifecycle, month, stage, stage, sum(step)
    from steps
    inner join (select distinct month_start_date as month from {{ ref('dim_dates') }} as dim_dates) as months on month > after_month
    group by all
)
select lifecycle, month, from_stage, to_stage, sum(customer_count)::bigint as customer_count
from moved
group by all
having sum(customer_count) > 0
