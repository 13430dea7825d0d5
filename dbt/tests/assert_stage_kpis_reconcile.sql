-- Per lifecycle and month, the revenue of the stages is that of all counted orders of customers,
-- every exit is classified by where it led, and a month ends with the counts with which the next
-- begins.
{{ config(
    meta={'dagster': {'ref': {'name': 'rpt_stage_kpis'}}, 'shows': ['violation', 'lifecycle', 'month']},
) }}
with kpis as (
    select
        lifecycle,
        stage,
        month,
        sum(case when indicator = 'customers_at_month_end' then value end) as customers,
        sum(case when indicator = 'entries' then value end) as entries,
        sum(case when indicator = 'exits' then value end) as exits,
        sum(case
            when indicator in ('onward_moves', 'regressions', 'losses', 'win_backs') then value
        end) as directed_exits,
        sum(case when indicator = 'net_revenue' then value end) as net_revenue
    from {{ ref('rpt_stage_kpis') }}
    group by lifecycle, stage, month
),

followed as (
    select
        *,
        lag(customers, 1, 0) over (
            partition by lifecycle, stage order by month
        ) as customers_before
    from kpis
),

revenue as (
    select
        lifecycle,
        month,
        sum(net_revenue) as net_revenue
    from kpis
    group by lifecycle, month
),

orders as (
    select
        {{ month_of('ordered_at') }} as month,
        sum(net_amount) as net_revenue
    from {{ ref('fct_orders') }}
    where is_counted and customer_id is not null
    group by {{ month_of('ordered_at') }}
)

select 'exits differ from where they led' as violation, lifecycle, stage, month
from kpis
where exits <> directed_exits
union all
select 'a month does not continue the one before' as violation, lifecycle, stage, month
from followed
where customers <> customers_before + entries - exits
union all
select
    'revenue differs from the orders' as violation,
    revenue.lifecycle,
    null as stage,
    revenue.month
from revenue
left join orders
    on revenue.month = orders.month
where revenue.net_revenue <> coalesce(orders.net_revenue, 0)
