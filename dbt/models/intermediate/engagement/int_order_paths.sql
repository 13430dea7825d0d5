-- One row per counted order, also unidentified ones, with the start of its attribution window and
-- the customer's previous counted order.
{{ config(materialized='view') }}
with orders as (
    select source_system, order_id, customer_id, net_amount, previous_ordered_at, ordered_at
    from {{ ref('int_orders_numbered') }}
    union all
    select
        source_system, order_id, customer_id, net_amount,
        cast(null as timestamp) as previous_ordered_at, ordered_at
    from {{ ref('int_orders_valued') }}
    where
        is_counted
        and customer_id is null
)

select
    orders.source_system,
    orders.order_id,
    orders.customer_id,
    orders.net_amount,
    orders.previous_ordered_at,
    {{ days_after('orders.ordered_at', '-thresholds.attribution_window_days') }} as path_starts_at,
    orders.ordered_at
from orders
cross join {{ ref('int_thresholds') }} as thresholds
