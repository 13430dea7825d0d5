{{ config(unique_key=['source_system', 'entry_id']) }}
{{ newest_versions(
    [ref('stg_generic__loyalty_entries')],
    key=['source_system', 'entry_id'],
    columns=[
        'source_system', 'entry_id', 'contact_id', 'email', 'phone', 'external_id',
        'order_id', 'kind', 'tier', 'points', 'occurred_at', 'deleted_at',
    ],
    names_person=true,
    replaced=['person_key'],
) }}
