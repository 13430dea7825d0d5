-- Every buyer has monthly values; they sum to the customer's lifetime totals, the last cumulative
-- value is the lifetime value, and exactly one order is the first.
{{ config(
    meta={'dagster': {'ref': {'name': 'fct_customer_lifetime_value'}}, 'shows': ['violation', 'customer_count']},
    fail_calc='coalesce(sum(customer_count), 0)',
) }}
with months as (
    select
        *,
        row_number() over (partition by customer_id order by month desc) as newness
    from {{ ref('fct_customer_value_monthly') }}
    where true {{ of_affected_customers('customer_id') }}
),

totals as (
    select
        customer_id,
        sum(order_count) as order_count,
        sum(later_order_count) as later_order_count,
        sum(gross_revenue) as gross_revenue,
        sum(discount_amount) as discount_amount,
        sum(refund_amount) as refund_amount,
        sum(net_revenue) as net_revenue,
        sum(first_order_revenue + later_order_revenue) as order_revenue,
        max(case when newness = 1 then cumulative_net_revenue end) as last_net_revenue,
        max(case when newness = 1 then cumulative_order_count end) as last_order_count,
        max(case when newness = 1 then cumulative_margin end) as last_margin
    from months
    group by customer_id
),

customers as (
    select
        customer_id,
        counted_order_count,
        lifetime_gross_revenue as gross_revenue,
        lifetime_discount_amount as discount_amount,
        lifetime_refund_amount as refund_amount,
        lifetime_net_revenue as net_revenue
    from {{ ref('dim_customers') }}
    where
        (counted_order_count > 0 or lifetime_refund_amount <> 0)
        {{ of_affected_customers('customer_id') }}
),

compared as (
    select
        coalesce(totals.customer_id, customers.customer_id) as customer_id,
        case
            when customers.customer_id is null or totals.customer_id is null then 'not the buyers'
            when totals.order_count <> customers.counted_order_count then 'order_count'
            when totals.last_order_count <> customers.counted_order_count
                then 'cumulative_order_count'
            when totals.later_order_count <> greatest(customers.counted_order_count - 1, 0)
                then 'later_order_count'
            when totals.gross_revenue <> customers.gross_revenue then 'gross_revenue'
            when totals.discount_amount <> customers.discount_amount then 'discount_amount'
            when totals.refund_amount <> customers.refund_amount then 'refund_amount'
            when totals.net_revenue <> customers.net_revenue then 'net_revenue'
            when totals.order_revenue <> totals.gross_revenue - totals.discount_amount
                then 'first_order_revenue and later_order_revenue'
            when totals.last_net_revenue <> lifetime_values.lifetime_net_revenue
                then 'cumulative_net_revenue'
            when coalesce(totals.last_margin, -1) <> coalesce(lifetime_values.lifetime_margin, -1)
                then 'cumulative_margin'
        end as violation
    from totals
    full outer join customers
        on totals.customer_id = customers.customer_id
    left join {{ ref('fct_customer_lifetime_value') }} as lifetime_values
        on totals.customer_id = lifetime_values.customer_id
)

select violation, count(*) as customer_count
from compared
where violation is not null
group by violation
