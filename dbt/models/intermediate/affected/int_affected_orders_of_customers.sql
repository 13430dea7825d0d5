-- One row per order that is affected itself or belongs to an affected customer, whose orders are
-- numbered again. Empty in a full refresh.
select source_system, order_id
from {{ ref('int_affected_orders') }}
union
select orders.source_system, orders.order_id
from {{ ref('int_orders_totalled') }} as orders
inner join {{ ref('int_person_keys_resolved') }} as customers
    on orders.person_key = customers.person_key
inner join {{ ref('int_affected_customers') }} as affected
    on customers.customer_id = affected.customer_id
