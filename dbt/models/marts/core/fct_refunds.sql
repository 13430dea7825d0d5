-- Grain: refund of a source system that was given before as_of. Additive. Refunds of orders that do
-- not count are here too.
select
    refund_id,
    source_system,
    order_id,
    customer_id,
    reason,
    currency_code,
    original_currency_code,
    items_amount,
    tax_amount,
    shipping_amount,
    original_amount,
    refunded_at
from {{ ref('int_refunds_valued') }}
