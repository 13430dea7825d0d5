with delivered as (
    {{ union_of(
        [ref('stg_generic__support_tickets')],
        columns=[
            'source_system', 'ticket_id', 'contact_id', 'email', 'phone', 'external_id',
            'order_id', 'topic', 'satisfaction', 'opened_at', 'first_response_at',
            'resolved_at',
        ],
    ) }}
)

select
    delivered.*,
    {{ person_key() }} as person_key
from delivered
