-- Grain: order of a source system. Amounts are in the reporting currency and additive over orders.
-- Only counted orders are revenue.
{{ config(**incremental_by_order()) }}
with orders as (
    select *
    from {{ ref('int_orders_valued') }} as valued
    where true {{ only_affected_orders('valued', 'int_affected_orders_of_customers') }}
),

numbered as (
    select source_system, order_id, customer_order_number
    from {{ ref('int_orders_numbered') }}
)

select
    orders.order_id,
    orders.source_system,
    orders.customer_id,
    orders.status,
    orders.channel,
    orders.campaign,
    orders.currency_code,
    orders.original_currency_code,
    cast(numbered.customer_order_number as integer) as customer_order_number,
    orders.items_amount,
    orders.discount_amount,
    orders.refund_amount,
    orders.net_amount,
    orders.shipping_amount,
    orders.tax_amount,
    orders.original_net_amount,
    orders.is_counted,
    coalesce(orders.delivered_at > orders.promised_at, false) as was_delivered_late,
    orders.ordered_at,
    orders.promised_at,
    orders.delivered_at
from orders
left join numbered
    on orders.source_system = numbered.source_system
    and orders.order_id = numbered.order_id
