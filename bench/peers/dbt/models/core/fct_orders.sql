select
    order_id, 'generic' as source_system, valued.customer_id, status, channel, null::varchar as campaign,
    'EUR' as currency_code, currency_code as original_currency_code, order_number::integer as customer_order_number,
    items_amount, discount_amount, refund_amount, valued.net_amount,
    (original_shipping_amount * rate)::decimal(18, 2) as shipping_amount,
    (original_tax_amount * rate)::decimal(18, 2) as tax_amount,
    (original_items_amount - original_discount_amount - original_refund_amount)::decimal(18, 2) as original_net_amount,
    is_counted, coalesce(delivered_at > promised_at, false) as was_delivered_late,
    valued.ordered_at, promised_at, delivered_at
from {{ ref('int_valued') }} as valued
left join {{ ref('int_numbered') }} as numbered using (order_id)
