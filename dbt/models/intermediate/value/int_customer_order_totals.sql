-- One row per customer with at least one order that counts: what they bought, in the reporting currency.
with orders as (
    select
        customer_id,
        source_system,
        order_id,
        original_currency_code,
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

rates as (
    select currency_code, rate_date, rate from {{ ref('int_exchange_rates_dated') }}
),

-- A line states its cost in the order's currency, a product in the reporting currency.
costs as (
    select
        order_lines.source_system,
        order_lines.order_id,
        {{ money('coalesce(sum(order_lines.quantity * order_lines.unit_cost), 0)') }}
            as original_cost_amount,
        {{ money("coalesce(sum(
            case when order_lines.unit_cost is null then order_lines.quantity * products.unit_cost end
        ), 0)") }} as product_cost_amount,
        max(
            case when coalesce(order_lines.unit_cost, products.unit_cost) is null then 1 else 0 end
        ) as lacks_cost
    from {{ ref('input_order_lines') }} as order_lines
    left join {{ ref('input_products') }} as products
        on order_lines.source_system = products.source_system
        and order_lines.product_id = products.product_id
    group by order_lines.source_system, order_lines.order_id
),

costed as (
    select
        orders.*,
        costs.lacks_cost,
        {{ money('costs.original_cost_amount * rates.rate') }} + costs.product_cost_amount as cost_amount
    from orders
    left join costs
        on orders.source_system = costs.source_system
        and orders.order_id = costs.order_id
    left join rates
        on orders.original_currency_code = rates.currency_code
        and cast(orders.ordered_at as date) = rates.rate_date
)

select
    customer_id,
    cast(count(*) as integer) as counted_order_count,
    min(ordered_at) as first_order_at,
    max(ordered_at) as last_order_at,
    max(delivered_at) as last_delivered_at,
    cast(sum(case when delivered_at > promised_at then 1 else 0 end) as integer)
        as late_delivery_count,
    {{ money('sum(items_amount)') }} as lifetime_gross_revenue,
    {{ money('sum(discount_amount)') }} as lifetime_discount_amount,
    {{ money('sum(refund_amount)') }} as lifetime_refund_amount,
    {{ money('sum(net_amount)') }} as lifetime_net_revenue,
    {{ money("case
        when max(coalesce(lacks_cost, 1)) = 0 then sum(net_amount) - sum(cost_amount)
    end") }} as lifetime_margin
from costed
group by customer_id
