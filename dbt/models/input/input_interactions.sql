with delivered as (
    {{ union_of(
        [ref('stg_generic__interactions'), ref('stg_complete_journey__interactions')],
        columns=[
            'source_system', 'interaction_id', 'contact_id', 'email', 'phone', 'external_id',
            'content_id', 'kind', 'direction', 'channel', 'campaign', 'outcome', 'sentiment',
            'occurred_at',
        ],
    ) }}
)

select
    delivered.*,
    {{ person_key() }} as person_key
from delivered
