-- One row per customer with at least one counted order: order totals in the reporting currency.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
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
    {{ money(
        'case when count(cost_amount) = count(*) then sum(net_amount) - sum(cost_amount) end'
    ) }}
        as lifetime_margin
from {{ ref('int_orders_valued') }}
where
    is_counted
    and customer_id is not null
    {{ only_affected('customer_id', 'int_affected_customers') }}
group by customer_id
