with refunded as (
    select
        order_id, sum(original_amount)::decimal(18, 2) as original_amount,
        sum(refund_amount)::decimal(18, 2) as refund_amount
    from {{ ref('int_refunds') }} as refunds
    group by order_id
),
payments as (
    select order_id, sum(amount)::decimal(18, 2) as received_amount
    from {{ ref('stg_payments') }}
    where status = 'paid' and paid_at < timestamp '{{ var("as_of") }}'
    group by order_id
),
joined as (
    select
        delivered.order_id,
        coalesce(md5(delivered.contact_id), addresses.customer_id, md5(delivered.email)) as customer_id,
        status,
        delivered.currency_code,
        channel,
        coalesce(delivered.items_amount, lines.items_amount, 0) as original_items_amount,
        coalesce(delivered.discount_amount, lines.discount_amount, 0) as original_discount_amount,
        coalesce(refunded.original_amount, 0) as original_refund_amount,
        coalesce(refunded.refund_amount, 0) as refund_amount,
        coalesce(received_amount, 0) as received_amount,
        stated_cost_amount,
        product_cost_amount,
        shipping_amount as original_shipping_amount,
        tax_amount as original_tax_amount,
        coalesce(rates.rate, 1) as rate,
        ordered_at,
        promised_at,
        case when status not in ('cancelled', 'failed') and delivered_at < timestamp '{{ var("as_of") }}' then delivered_at end
            as delivered_at
    from {{ ref('int_delivered') }} as delivered
    left join {{ ref('int_addresses') }} as addresses on case when delivered.contact_id is null then delivered.email end = addresses.email
    left join {{ ref('int_lines') }} as lines using (order_id)
    left join refunded using (order_id)
    left join payments using (order_id)
    left join {{ ref('int_rates') }} as rates
        on delivered.currency_code = rates.currency_code and ordered_at::date = rates.rate_date
)
select
    *,
    (original_items_amount * rate)::decimal(18, 2) as items_amount,
    (original_discount_amount * rate)::decimal(18, 2) as discount_amount,
    items_amount - discount_amount - refund_amount as net_amount,
    (stated_cost_amount * rate + product_cost_amount)::decimal(18, 2) as cost_amount,
    (
        status in ('paid', 'shipped', 'delivered', 'completed')
        or (status = 'placed' and received_amount > 0 and received_amount
            >= original_items_amount - original_discount_amount + original_shipping_amount + original_tax_amount)
    ) and not (original_refund_amount > 0 and original_refund_amount >= original_items_amount - original_discount_amount)
        as is_counted
from joined
