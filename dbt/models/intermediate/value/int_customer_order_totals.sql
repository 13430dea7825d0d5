-- One row per customer with at least one order that counts: what they bought, in the reporting currency.
with orders as (
    select
        customer_id,
        source_system,
        order_id,
        currency_code,
        items_amount,
        discount_amount,
        refund_amount,
        net_amount,
        ordered_at,
        promised_at,
        delivered_at
    from {{ ref('int_orders_valued') }}
    where
        is_counted
        and customer_id is not null
),

costs as (
    select
        order_lines.source_system,
        order_lines.order_id,
        sum(order_lines.quantity * coalesce(order_lines.unit_cost, products.unit_cost)) as cost_amount,
        max(
            case when coalesce(order_lines.unit_cost, products.unit_cost) is null then 1 else 0 end
        ) as lacks_cost
    from {{ ref('input_order_lines') }} as order_lines
    left join {{ ref('input_products') }} as products
        on order_lines.source_system = products.source_system
        and order_lines.product_id = products.product_id
    group by order_lines.source_system, order_lines.order_id
)

select
    orders.customer_id,
    cast(count(*) as integer) as counted_order_count,
    min(orders.ordered_at) as first_order_at,
    max(orders.ordered_at) as last_order_at,
    max(orders.delivered_at) as last_delivered_at,
    cast(sum(case when orders.delivered_at > orders.promised_at then 1 else 0 end) as integer)
        as late_delivery_count,
    {{ money('sum(orders.items_amount)') }} as lifetime_gross_revenue,
    {{ money('sum(orders.discount_amount)') }} as lifetime_discount_amount,
    {{ money('sum(orders.refund_amount)') }} as lifetime_refund_amount,
    {{ money('sum(orders.net_amount)') }} as lifetime_net_revenue,
    {{ money("case
        when max(coalesce(costs.lacks_cost, 1)) = 0
            then sum(orders.net_amount) - sum(costs.cost_amount)
    end") }} as lifetime_margin
from orders
left join costs
    on orders.source_system = costs.source_system
    and orders.order_id = costs.order_id
group by orders.customer_id
