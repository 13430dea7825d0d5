{{ config(unique_key=['source_system', 'review_id']) }}
{{ newest_versions(
    [ref('stg_generic__reviews')],
    key=['source_system', 'review_id'],
    columns=[
        'source_system', 'review_id', 'contact_id', 'email', 'phone', 'external_id',
        'order_id', 'product_id', 'title', 'body', 'platform', 'rating', 'is_public',
        'is_verified', 'reviewed_at', 'reply_at', 'deleted_at',
    ],
    names_person=true,
    replaced=['person_key'],
) }}
