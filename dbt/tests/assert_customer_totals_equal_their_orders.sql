-- Every table shows the same lifetime sums, counts and times of a customer as a recomputation from
-- the counted orders and the credit notes.
{{ config(
    meta={'dagster': {'ref': {'name': 'fct_customer_lifetime_value'}}, 'shows': ['violation', 'customer_count']},
    fail_calc='coalesce(sum(customer_count), 0)',
) }}
with booked as (
    select
        customer_id, 1 as order_count, ordered_at, items_amount, discount_amount, refund_amount,
        net_amount
    from {{ ref('fct_orders') }}
    where
        is_counted
        and customer_id is not null
    union all
    select
        customer_id, 0 as order_count, null as ordered_at, 0 as items_amount, 0 as discount_amount,
        items_amount as refund_amount, -items_amount as net_amount
    from {{ ref('fct_refunds') }}
    where
        order_id is null
        and customer_id is not null
),

recomputed as (
    select
        customer_id,
        sum(order_count) as order_count,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at,
        sum(items_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(refund_amount) as refund_amount,
        sum(net_amount) as net_amount
    from booked
    group by customer_id
),

compared as (
    select
        coalesce(customers.counted_order_count, 0) as shown_count,
        coalesce(recomputed.order_count, 0) as order_count,
        (customers.first_order_at is distinct from recomputed.first_order_at)
        or (customers.last_order_at is distinct from recomputed.last_order_at) as has_other_times,
        (customers.lifetime_gross_revenue is distinct from coalesce(recomputed.gross_amount, 0))
        or (
            customers.lifetime_discount_amount
            is distinct from coalesce(recomputed.discount_amount, 0)
        )
        or (customers.lifetime_refund_amount is distinct from coalesce(recomputed.refund_amount, 0))
        or (customers.lifetime_net_revenue is distinct from coalesce(recomputed.net_amount, 0))
            as has_other_amounts,
        (lifetime_values.lifetime_net_revenue is distinct from coalesce(recomputed.net_amount, 0))
            as has_other_value,
        recomputed.order_count > 0
        and (
            (scores.order_count is distinct from recomputed.order_count)
            or (scores.net_revenue is distinct from recomputed.net_amount)
        ) as has_other_score
    from {{ ref('dim_customers') }} as customers
    full outer join recomputed
        on customers.customer_id = recomputed.customer_id
    left join {{ ref('fct_customer_lifetime_value') }} as lifetime_values
        on customers.customer_id = lifetime_values.customer_id
    left join {{ ref('fct_customer_rfm') }} as scores
        on customers.customer_id = scores.customer_id
),

violations as (
    select
        case
            when shown_count <> order_count then 'dim_customers: counted_order_count'
            when has_other_times then 'dim_customers: first_order_at or last_order_at'
            when has_other_amounts then 'dim_customers: lifetime amounts'
            when has_other_value then 'fct_customer_lifetime_value: lifetime_net_revenue, or no row'
            when has_other_score then 'fct_customer_rfm: order_count or net_revenue, or no row'
        end as violation
    from compared
)

select violation, count(*) as customer_count
from violations
where violation is not null
group by violation
