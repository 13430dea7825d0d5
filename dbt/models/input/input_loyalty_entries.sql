with delivered as (
    {{ union_of(
        [ref('stg_generic__loyalty_entries')],
        columns=[
            'source_system', 'entry_id', 'contact_id', 'email', 'phone', 'external_id',
            'order_id', 'kind', 'tier', 'points', 'occurred_at',
        ],
    ) }}
)

select
    delivered.*,
    {{ person_key() }} as person_key
from delivered
