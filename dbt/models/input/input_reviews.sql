with delivered as (
    {{ union_of(
        [ref('stg_generic__reviews')],
        columns=[
            'source_system', 'review_id', 'contact_id', 'email', 'phone', 'external_id',
            'order_id', 'product_id', 'title', 'body', 'platform', 'rating', 'is_public',
            'is_verified', 'reviewed_at', 'reply_at',
        ],
    ) }}
)

select
    delivered.*,
    {{ person_key() }} as person_key
from delivered
