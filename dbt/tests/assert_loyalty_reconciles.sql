-- In the loyalty report, orders and revenue of a month over all tiers are those of all counted
-- orders, and the balances are the sum of all points booked up to the month's end.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_loyalty'}}, 'shows': ['month']}) }}
with reported as (
    select
        month,
        sum(order_count) as order_count,
        sum(net_revenue) as net_revenue,
        sum(points_balance) as points_balance,
        sum(sum(earned_points - redeemed_points - expired_points + adjusted_points)) over (
            order by month rows between unbounded preceding and current row
        ) as booked_points
    from {{ ref('rpt_loyalty') }}
    group by month
),

ordered as (
    select
        {{ month_of('ordered_at') }} as month,
        count(*) as order_count,
        sum(net_amount) as net_revenue
    from {{ ref('fct_orders') }}
    where is_counted
    group by {{ month_of('ordered_at') }}
)

select reported.month, reported.order_count, reported.net_revenue, reported.points_balance
from reported
left join ordered
    on reported.month = ordered.month
where
    reported.order_count <> coalesce(ordered.order_count, 0)
    or reported.net_revenue <> coalesce(ordered.net_revenue, 0)
    or reported.points_balance <> reported.booked_points
