{{ config(unique_key=['source_system', 'interaction_id']) }}
{{ newest_versions(
    [ref('stg_generic__interactions'), ref('stg_complete_journey__interactions')],
    key=['source_system', 'interaction_id'],
    columns=[
        'source_system', 'interaction_id', 'contact_id', 'email', 'phone', 'external_id',
        'content_id', 'kind', 'direction', 'channel', 'campaign', 'outcome', 'sentiment',
        'occurred_at', 'deleted_at',
    ],
    names_person=true,
    replaced=['person_key'],
) }}
