-- No order is lost or multiplied: by system and original currency, the orders of the mart and their
-- amounts are those of the input layer, recomputed without the models in between.
{{ config(meta={'dagster': {'ref': {'name': 'fct_orders'}}}) }}
with headers as (
    select source_system, order_id, currency_code, items_amount, discount_amount
    from {{ ref('input_orders') }}
    where ordered_at < {{ as_of() }}
),

-- Lines matter where the header has no amount.
lines as (
    select
        lines.source_system,
        lines.order_id,
        {{ money('sum(lines.quantity * lines.unit_price)') }} as items_amount,
        sum(lines.discount_amount) as discount_amount
    from {{ ref('input_order_lines') }} as lines
    inner join headers
        on lines.source_system = headers.source_system
        and lines.order_id = headers.order_id
    where
        headers.items_amount is null
        or headers.discount_amount is null
    group by lines.source_system, lines.order_id
),

refunds as (
    select source_system, order_id, sum(amount) as refund_amount
    from {{ ref('input_refunds') }}
    where refunded_at < {{ as_of() }}
    group by source_system, order_id
),

-- Orders without an amount in header or lines have the amount that was paid; it is not recomputed
-- here.
input_orders as (
    select
        orders.source_system,
        orders.order_id,
        coalesce(orders.currency_code, reporting.currency_code) as currency_code,
        coalesce(orders.items_amount, lines.items_amount)
        - coalesce(orders.discount_amount, lines.discount_amount, 0)
        - coalesce(refunds.refund_amount, 0) as net_amount
    from headers as orders
    cross join {{ ref('int_reporting_currency') }} as reporting
    left join lines
        on orders.source_system = lines.source_system
        and orders.order_id = lines.order_id
    left join refunds
        on orders.source_system = refunds.source_system
        and orders.order_id = refunds.order_id
),

expected as (
    select
        source_system,
        currency_code,
        count(*) as order_count,
        sum(net_amount) as net_amount
    from input_orders
    group by source_system, currency_code
),

shown as (
    select
        orders.source_system,
        orders.original_currency_code as currency_code,
        count(*) as order_count,
        sum(
            case when input_orders.net_amount is not null then orders.original_net_amount end
        ) as net_amount
    from {{ ref('fct_orders') }} as orders
    left join input_orders
        on orders.source_system = input_orders.source_system
        and orders.order_id = input_orders.order_id
    group by orders.source_system, orders.original_currency_code
)

select
    coalesce(expected.source_system, shown.source_system) as source_system,
    coalesce(expected.currency_code, shown.currency_code) as currency_code,
    expected.order_count as expected_order_count,
    shown.order_count as shown_order_count,
    expected.net_amount as expected_net_amount,
    shown.net_amount as shown_net_amount
from expected
full outer join shown
    on expected.source_system = shown.source_system
    and expected.currency_code = shown.currency_code
where
    expected.order_count is distinct from shown.order_count
    or expected.net_amount is distinct from shown.net_amount
