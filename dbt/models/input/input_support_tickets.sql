{{ config(unique_key=['source_system', 'ticket_id']) }}
{{ newest_versions(
    [ref('stg_generic__support_tickets')],
    key=['source_system', 'ticket_id'],
    columns=[
        'source_system', 'ticket_id', 'contact_id', 'email', 'phone', 'external_id',
        'order_id', 'topic', 'satisfaction', 'opened_at', 'first_response_at',
        'resolved_at', 'deleted_at',
    ],
    names_person=true,
    replaced=['person_key'],
) }}
