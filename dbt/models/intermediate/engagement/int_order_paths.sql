-- One row per order that counts, also of nobody, with the time in which a touch shares in it: after the customer's
-- previous order that counts and within the attribution window.
select
    orders.source_system,
    orders.order_id,
    orders.customer_id,
    orders.net_amount,
    numbered.previous_ordered_at,
    {{ days_after('orders.ordered_at', '-thresholds.attribution_window_days') }} as path_starts_at,
    orders.ordered_at
from {{ ref('int_orders_valued') }} as orders
cross join {{ ref('int_thresholds') }} as thresholds
left join {{ ref('int_orders_numbered') }} as numbered
    on orders.source_system = numbered.source_system
    and orders.order_id = numbered.order_id
where orders.is_counted
