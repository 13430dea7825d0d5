-- One row per order that changed, or whose customer's orders must be numbered again. Empty when everything is
-- computed.
select source_system, order_id
from {{ ref('int_affected_orders') }}
union
select orders.source_system, orders.order_id
from {{ ref('int_orders_totalled') }} as orders
inner join {{ ref('int_person_keys_resolved') }} as customers
    on orders.person_key = customers.person_key
inner join {{ ref('int_affected_customers') }} as touched
    on customers.customer_id = touched.customer_id
