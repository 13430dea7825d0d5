-- The net revenue of all months is that of all customers and of what is unidentified, to the cent.
{{ config(
    meta={'dagster': {'ref': {'name': 'rpt_revenue_reconciliation'}}, 'shows': ['of_months', 'of_parts']},
) }}
with totals as (
    select 'months' as side, sum(net_revenue) as net_revenue
    from {{ ref('rpt_revenue_reconciliation') }}
    union all
    select 'parts' as side, sum(net_revenue) as net_revenue
    from (
        select sum(lifetime_net_revenue) as net_revenue from {{ ref('dim_customers') }}
        union all
        select sum(net_amount) as net_revenue
        from {{ ref('fct_orders') }}
        where
            is_counted
            and customer_id is null
        union all
        select -sum(items_amount) as net_revenue
        from {{ ref('fct_refunds') }}
        where
            order_id is null
            and customer_id is null
    ) as parts
)

select
    coalesce(max(case when side = 'months' then net_revenue end), 0) as of_months,
    coalesce(max(case when side = 'parts' then net_revenue end), 0) as of_parts
from totals
having
    coalesce(max(case when side = 'months' then net_revenue end), 0)
    <> coalesce(max(case when side = 'parts' then net_revenue end), 0)
