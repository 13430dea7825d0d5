-- One row per customer with a counted order or a credit note: totals in the reporting currency.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with orders as (
    select
        customer_id,
        count(*) as counted_order_count,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at,
        max(delivered_at) as last_delivered_at,
        sum(case when delivered_at > promised_at then 1 else 0 end) as late_delivery_count,
        sum(items_amount) as gross_revenue,
        sum(discount_amount) as discount_amount,
        sum(refund_amount) as refund_amount,
        case when count(cost_amount) = count(*) then sum(cost_amount) end as cost_amount
    from {{ ref('int_orders_valued') }}
    where
        is_counted
        and customer_id is not null
        {{ only_affected('customer_id', 'int_affected_customers') }}
    group by customer_id
),

credit_notes as (
    select customer_id, sum(items_amount) as refund_amount
    from {{ ref('int_refunds_valued') }}
    where
        order_id is null
        and customer_id is not null
        {{ only_affected('customer_id', 'int_affected_customers') }}
    group by customer_id
),

joined as (
    select
        coalesce(orders.customer_id, credit_notes.customer_id) as customer_id,
        coalesce(orders.counted_order_count, 0) as counted_order_count,
        orders.first_order_at,
        orders.last_order_at,
        orders.last_delivered_at,
        coalesce(orders.late_delivery_count, 0) as late_delivery_count,
        coalesce(orders.gross_revenue, 0) as gross_revenue,
        coalesce(orders.discount_amount, 0) as discount_amount,
        coalesce(orders.refund_amount, 0) + coalesce(credit_notes.refund_amount, 0)
            as refund_amount,
        case when orders.customer_id is null then 0 else orders.cost_amount end as cost_amount
    from orders
    full outer join credit_notes
        on orders.customer_id = credit_notes.customer_id
)

select
    customer_id,
    cast(counted_order_count as integer) as counted_order_count,
    first_order_at,
    last_order_at,
    last_delivered_at,
    cast(late_delivery_count as integer) as late_delivery_count,
    {{ money('gross_revenue') }} as lifetime_gross_revenue,
    {{ money('discount_amount') }} as lifetime_discount_amount,
    {{ money('refund_amount') }} as lifetime_refund_amount,
    {{ money('gross_revenue - discount_amount - refund_amount') }} as lifetime_net_revenue,
    {{ money('gross_revenue - discount_amount - refund_amount - cost_amount') }} as lifetime_margin
from joined
