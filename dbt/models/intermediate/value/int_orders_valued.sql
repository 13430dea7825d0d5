-- One row per order placed before as_of, in the reporting currency, with its customer (null:
-- unidentified). Amounts use the exchange rate of the order's day; each refund uses the rate of its
-- own day. `is_counted` is the one definition of a counted order (docs/definitions.md).
{{ config(**incremental_by_order()) }}
with orders as (
    select *
    from {{ ref('int_orders_totalled') }} as totalled
    where true {{ only_affected_orders('totalled', 'int_affected_orders_of_customers') }}
),

rates as (
    select currency_code, rate_date, rate from {{ ref('int_exchange_rates_dated') }}
),

customers as (
    select person_key, customer_id from {{ ref('int_person_keys_resolved') }}
),

refunds as (
    select
        refunds.source_system,
        refunds.order_id,
        sum(refunds.items_amount) as refund_amount,
        sum(refunds.original_items_amount) as original_refund_amount
    from {{ ref('int_refunds_valued') }} as refunds
    where
        refunds.order_id is not null
        {{ only_affected_orders('refunds', 'int_affected_orders_of_customers') }}
    group by refunds.source_system, refunds.order_id
),

converted as (
    select
        orders.source_system,
        orders.order_id,
        customers.customer_id,
        orders.status,
        reporting.currency_code,
        orders.currency_code as original_currency_code,
        orders.channel,
        orders.campaign,
        {{ money('orders.items_amount * rates.rate') }} as items_amount,
        {{ money('orders.discount_amount * rates.rate') }} as discount_amount,
        {{ money('coalesce(refunds.refund_amount, 0)') }} as refund_amount,
        {{ money('orders.shipping_amount * rates.rate') }} as shipping_amount,
        {{ money('orders.tax_amount * rates.rate') }} as tax_amount,
        {{ money('orders.due_amount * rates.rate') }} as due_amount,
        {{ money('orders.received_amount * rates.rate') }} as received_amount,
        {{ money('orders.stated_cost_amount * rates.rate') }} + orders.product_cost_amount
            as cost_amount,
        orders.items_amount - orders.discount_amount as original_goods_amount,
        coalesce(refunds.original_refund_amount, 0) as original_refund_amount,
        thresholds.counted_order_amount,
        orders.is_test,
        orders.is_void,
        orders.is_sold,
        orders.ordered_at,
        orders.promised_at,
        orders.delivered_at
    from orders
    cross join {{ ref('int_reporting_currency') }} as reporting
    cross join {{ ref('int_thresholds') }} as thresholds
    left join customers
        on orders.person_key = customers.person_key
    left join rates
        on orders.currency_code = rates.currency_code
        and {{ date_of('orders.ordered_at') }} = rates.rate_date
    left join refunds
        on orders.source_system = refunds.source_system
        and orders.order_id = refunds.order_id
)

select
    source_system,
    order_id,
    customer_id,
    status,
    currency_code,
    original_currency_code,
    channel,
    campaign,
    items_amount,
    discount_amount,
    refund_amount,
    {{ money('items_amount - discount_amount - refund_amount') }} as net_amount,
    shipping_amount,
    tax_amount,
    due_amount,
    received_amount,
    {{ money('original_goods_amount - original_refund_amount') }} as original_net_amount,
    {{ money('cost_amount') }} as cost_amount,
    is_void,
    is_sold
    and not is_test
    and coalesce(original_goods_amount >= counted_order_amount, false)
    and not (original_refund_amount > 0 and original_refund_amount >= original_goods_amount)
        as is_counted,
    ordered_at,
    promised_at,
    delivered_at
from converted
