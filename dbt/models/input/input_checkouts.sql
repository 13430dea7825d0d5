{{ config(unique_key=['source_system', 'checkout_id']) }}
{{ newest_versions(
    [ref('stg_generic__checkouts')],
    key=['source_system', 'checkout_id'],
    columns=[
        'source_system', 'checkout_id', 'contact_id', 'email', 'phone', 'external_id',
        'order_id', 'amount', 'started_at', 'shipping_at', 'payment_at', 'completed_at',
        'abandoned_at', 'deleted_at',
    ],
    names_person=true,
    replaced=['person_key'],
) }}
