-- One row per order placed before as_of, in the reporting currency, with its customer (null:
-- unidentified). Amounts use the exchange rate of the order's day; each refund uses the rate of its
-- own day.
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
        orders.source_system,
        orders.order_id,
        sum({{ money('refunds.amount * rates.rate') }}) as refund_amount
    from {{ ref('input_refunds') }} as refunds
    inner join orders
        on refunds.source_system = orders.source_system
        and refunds.order_id = orders.order_id
    left join rates
        on orders.currency_code = rates.currency_code
        and cast(refunds.refunded_at as date) = rates.rate_date
    where refunds.refunded_at < {{ as_of() }}
    group by orders.source_system, orders.order_id
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
        {{ money('orders.stated_cost_amount * rates.rate') }} + orders.product_cost_amount
            as cost_amount,
        {{ money('orders.items_amount - orders.discount_amount - orders.refund_amount') }}
            as original_net_amount,
        orders.is_void,
        orders.is_counted,
        orders.ordered_at,
        orders.promised_at,
        orders.delivered_at
    from orders
    cross join {{ ref('int_reporting_currency') }} as reporting
    left join customers
        on orders.person_key = customers.person_key
    left join rates
        on orders.currency_code = rates.currency_code
        and cast(orders.ordered_at as date) = rates.rate_date
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
    original_net_amount,
    {{ money('cost_amount') }} as cost_amount,
    is_void,
    is_counted,
    ordered_at,
    promised_at,
    delivered_at
from converted
