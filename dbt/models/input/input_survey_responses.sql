with delivered as (
    {{ union_of(
        [ref('stg_generic__survey_responses')],
        columns=[
            'source_system', 'response_id', 'contact_id', 'email', 'phone', 'external_id',
            'order_id', 'kind', 'comment', 'score', 'responded_at',
        ],
    ) }}
)

select
    delivered.*,
    {{ person_key() }} as person_key
from delivered
