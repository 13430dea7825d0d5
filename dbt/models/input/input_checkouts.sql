with delivered as (
    {{ union_of(
        [ref('stg_generic__checkouts')],
        columns=[
            'source_system', 'checkout_id', 'contact_id', 'email', 'phone', 'external_id',
            'order_id', 'amount', 'started_at', 'shipping_at', 'payment_at', 'completed_at',
            'abandoned_at',
        ],
    ) }}
)

select
    delivered.*,
    {{ person_key() }} as person_key
from delivered
