-- One row per order that was neither cancelled nor failed, with its first thank-you and follow-up.
-- A thank-you belongs to the customer's latest order before it, a follow-up to the latest delivery.
{{ config(**incremental_by_order()) }}
with orders as (
    select
        orders.source_system,
        orders.order_id,
        orders.customer_id,
        orders.is_counted,
        orders.ordered_at,
        orders.promised_at,
        orders.delivered_at,
        lead(orders.ordered_at) over (
            partition by orders.customer_id
            order by orders.ordered_at, orders.source_system, orders.order_id
        ) as next_ordered_at,
        lead(orders.delivered_at) over (
            partition by orders.customer_id
            order by
                case when orders.delivered_at is null then 1 else 0 end,
                orders.delivered_at, orders.source_system, orders.order_id
        ) as next_delivered_at,
        {{ days_after('orders.ordered_at', 'thresholds.thank_you_days') }} as thank_you_until,
        {{ days_after('orders.delivered_at', 'thresholds.follow_up_days') }} as follow_up_until
    from {{ ref('int_orders_valued') }} as orders
    cross join {{ ref('int_thresholds') }} as thresholds
    where
        not orders.is_void
        {{ only_affected_orders('orders', 'int_affected_orders_of_customers') }}
),

messages as (
    select customer_id, kind, occurred_at
    from {{ ref('int_interactions_resolved') }}
    where kind in ('thank_you', 'follow_up')
),

thanked as (
    select orders.source_system, orders.order_id, min(messages.occurred_at) as thanked_at
    from orders
    inner join messages
        on orders.customer_id = messages.customer_id
        and orders.ordered_at <= messages.occurred_at
        and orders.thank_you_until >= messages.occurred_at
        and coalesce(orders.next_ordered_at, {{ never() }}) > messages.occurred_at
    where messages.kind = 'thank_you'
    group by orders.source_system, orders.order_id
),

followed as (
    select orders.source_system, orders.order_id, min(messages.occurred_at) as followed_up_at
    from orders
    inner join messages
        on orders.customer_id = messages.customer_id
        and orders.delivered_at <= messages.occurred_at
        and orders.follow_up_until >= messages.occurred_at
        and coalesce(orders.next_delivered_at, {{ never() }}) > messages.occurred_at
    where messages.kind = 'follow_up'
    group by orders.source_system, orders.order_id
)

select
    orders.source_system,
    orders.order_id,
    orders.customer_id,
    orders.is_counted,
    orders.ordered_at,
    thanked.thanked_at,
    orders.promised_at,
    orders.delivered_at,
    followed.followed_up_at
from orders
left join thanked
    on orders.source_system = thanked.source_system
    and orders.order_id = thanked.order_id
left join followed
    on orders.source_system = followed.source_system
    and orders.order_id = followed.order_id
