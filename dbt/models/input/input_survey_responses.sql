{{ config(unique_key=['source_system', 'response_id']) }}
{{ newest_versions(
    [ref('stg_generic__survey_responses')],
    key=['source_system', 'response_id'],
    columns=[
        'source_system', 'response_id', 'contact_id', 'email', 'phone', 'external_id',
        'order_id', 'kind', 'comment', 'score', 'responded_at', 'deleted_at',
    ],
    names_person=true,
    replaced=['person_key'],
) }}
