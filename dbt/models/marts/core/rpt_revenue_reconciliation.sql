-- Grain: month. Net revenue from its parts, and what orders came to against what was paid for them.
-- Orders are in the month of the order with their payments, refunds and credit notes in their own.
-- The comparison with payments is null in a month without any: nothing is known of it.
with orders as (
    select
        {{ month_of('ordered_at') }} as month,
        count(*) as order_count,
        sum(items_amount - discount_amount) as goods_amount,
        sum(case when received_amount > 0 then 1 else 0 end) as paid_order_count,
        sum(case when received_amount > 0 then due_amount end) as due_amount,
        sum(case when received_amount > 0 then received_amount end) as received_amount
    from {{ ref('int_orders_valued') }}
    where is_counted
    group by {{ month_of('ordered_at') }}
),

refunds as (
    select
        {{ month_of('refunds.refunded_at') }} as month,
        sum(case when refunds.order_id is not null then refunds.items_amount else 0 end)
            as refund_amount,
        sum(case when refunds.order_id is null then refunds.items_amount else 0 end)
            as credit_note_amount
    from {{ ref('int_refunds_valued') }} as refunds
    left join {{ ref('int_orders_valued') }} as orders
        on refunds.source_system = orders.source_system
        and refunds.order_id = orders.order_id
    where
        refunds.order_id is null
        or orders.is_counted
    group by {{ month_of('refunds.refunded_at') }}
),

months as (
    select
        coalesce(orders.month, refunds.month) as month,
        coalesce(orders.order_count, 0) as order_count,
        coalesce(orders.goods_amount, 0) as goods_amount,
        coalesce(refunds.refund_amount, 0) as refund_amount,
        coalesce(refunds.credit_note_amount, 0) as credit_note_amount,
        coalesce(orders.paid_order_count, 0) as paid_order_count,
        orders.due_amount,
        orders.received_amount
    from orders
    full outer join refunds
        on orders.month = refunds.month
)

select
    months.month,
    reporting.currency_code,
    cast(months.order_count as integer) as counted_order_count,
    {{ money('months.goods_amount') }} as goods_amount,
    {{ money('months.refund_amount') }} as refund_amount,
    {{ money('months.credit_note_amount') }} as credit_note_amount,
    {{ money('months.goods_amount - months.refund_amount - months.credit_note_amount') }}
        as net_revenue,
    cast(months.paid_order_count as integer) as paid_order_count,
    {{ money('months.due_amount') }} as due_amount,
    {{ money('months.received_amount') }} as received_amount,
    {{ money('months.received_amount - months.due_amount') }} as difference_amount
from months
cross join {{ ref('int_reporting_currency') }} as reporting
