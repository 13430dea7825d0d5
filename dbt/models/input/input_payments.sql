{{ config(unique_key=['source_system', 'payment_id']) }}
{{ newest_versions(
    [ref('stg_generic__payments')],
    key=['source_system', 'payment_id'],
    columns=[
        'source_system', 'payment_id', 'order_id', 'method', 'status', 'amount', 'paid_at',
        'deleted_at',
    ],
    replaced=['order_id'],
) }}
