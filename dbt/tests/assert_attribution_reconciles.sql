-- Attribution neither loses nor invents revenue: per month, every model credits exactly the counted
-- orders and their net revenue, to the cent.
{{ config(
    meta={'dagster': {'ref': {'name': 'rpt_channel_attribution'}}, 'shows': ['month', 'attribution_model']},
) }}
with orders as (
    select
        {{ month_of('ordered_at') }} as month,
        count(*) as order_count,
        sum(net_amount) as net_revenue
    from {{ ref('fct_orders') }}
    where is_counted
    group by {{ month_of('ordered_at') }}
),

credited as (
    select
        month,
        attribution_model,
        sum(credited_order_count) as order_count,
        sum(credited_net_revenue) as net_revenue
    from {{ ref('rpt_channel_attribution') }}
    group by month, attribution_model
),

models as (
    select distinct attribution_model from credited
)

select
    orders.month,
    models.attribution_model,
    orders.order_count,
    credited.order_count as credited_order_count,
    orders.net_revenue,
    credited.net_revenue as credited_net_revenue
from orders
cross join models
left join credited
    on orders.month = credited.month
    and models.attribution_model = credited.attribution_model
where
    credited.month is null
    or orders.order_count <> credited.order_count
    or orders.net_revenue <> credited.net_revenue
