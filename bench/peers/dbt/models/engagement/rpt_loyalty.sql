with ordered as (
    select
        date_trunc('month', ordered_at)::date as month, count(*) as order_count,
        count(distinct customer_id) as customer_count, sum(net_amount) as net_revenue
    from {{ ref('int_numbered') }} as numbered
    group by all
)
select
    months.month, 'none' as tier, 0::decimal(18, 6) as earned_points, 0::decimal(18, 6) as redeemed_points,
    0::decimal(18, 6) as expired_points, 0::decimal(18, 6) as adjusted_points, 0::decimal(18, 6) as points_balance,
    0 as member_count, coalesce(ordered.customer_count, 0)::integer as ordering_customer_count,
    coalesce(ordered.order_count, 0)::integer as order_count, coalesce(ordered.net_revenue, 0)::decimal(18, 2) as net_revenue,
    coalesce(loyal.customer_count, 0)::integer as loyal_customer_count,
    coalesce(loyal.order_count, 0)::integer as loyal_order_count,
    coalesce(loyal.net_revenue, 0)::decimal(18, 2) as loyal_net_revenue, 0 as offer_taken_count, 'EUR' as currency_code
from (select distinct month_start_date as month from {{ ref('dim_dates') }} as dim_dates) as months
left join ordered on months.month = ordered.month
left join {{ ref('int_ordered_in_stages') }} as loyal
    on months.month = loyal.month and loyal.lifecycle = 'relationship' and loyal.stage = 'loyal'
