with booked as (
    select
        customer_id, date_trunc('month', ordered_at)::date as month, 1 as order_count,
        (order_number > 1)::integer as later_order_count, items_amount, discount_amount, 0 as refund_amount,
        if(order_number = 1, items_amount - discount_amount, 0) as first_order_revenue, cost_amount
    from {{ ref('int_valued') }} as valued
    inner join (select order_id, order_number from {{ ref('int_numbered') }} as numbered) as numbers using (order_id)
    union all
    select
        customer_id, date_trunc('month', refunded_at)::date, 0, 0, 0, 0, refunds.refund_amount, 0, 0
    from {{ ref('int_refunds') }} as refunds
    inner join {{ ref('int_valued') }} as valued using (order_id)
    where is_counted
),
monthly as (
    select
        customer_id, month, sum(order_count)::integer as order_count, sum(later_order_count)::integer as later_order_count,
        sum(items_amount)::decimal(18, 2) as gross_revenue, sum(discount_amount)::decimal(18, 2) as discounts,
        sum(refund_amount)::decimal(18, 2) as refunds, sum(first_order_revenue)::decimal(18, 2) as first_order_revenue,
        (gross_revenue - discounts - refunds)::decimal(18, 2) as net_revenue,
        (net_revenue - sum(cost_amount))::decimal(18, 2) as margin
    from booked
    group by customer_id, month
)
select
    customer_id, month, 'EUR' as currency_code, order_count, later_order_count, gross_revenue,
    discounts as discount_amount, refunds as refund_amount, net_revenue, first_order_revenue,
    (gross_revenue - discounts - first_order_revenue)::decimal(18, 2) as later_order_revenue, margin,
    (sum(order_count) over past)::integer as cumulative_order_count,
    (sum(net_revenue) over past)::decimal(18, 2) as cumulative_net_revenue,
    (sum(margin) over past)::decimal(18, 2) as cumulative_margin
from monthly
window past as (partition by customer_id order by month rows unbounded preceding)
