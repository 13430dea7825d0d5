select
    refund_id, order_id, amount as original_amount,
    (amount * coalesce(rates.rate, 1))::decimal(18, 2) as refund_amount, refunded_at
from {{ ref('stg_refunds') }} as refunds
inner join {{ ref('int_delivered') }} as delivered using (order_id)
left join {{ ref('int_rates') }} as rates
    on delivered.currency_code = rates.currency_code and refunded_at::date = rates.rate_date
where refunded_at < timestamp '{{ var("as_of") }}'
