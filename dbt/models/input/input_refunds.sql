{{ config(unique_key=['source_system', 'refund_id']) }}
{{ newest_versions(
    [ref('stg_generic__refunds')],
    key=['source_system', 'refund_id'],
    columns=[
        'source_system', 'refund_id', 'order_id', 'contact_id', 'email', 'phone', 'external_id',
        'reason', 'status', 'currency_code', 'amount', 'items_amount', 'tax_amount',
        'shipping_amount', 'refunded_at', 'deleted_at',
    ],
    names_person=true,
    replaced=['order_id', 'person_key'],
) }}
