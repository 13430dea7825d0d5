{{ config(unique_key=['source_system', 'refund_id']) }}
{{ newest_versions(
    [ref('stg_generic__refunds')],
    key=['source_system', 'refund_id'],
    columns=[
        'source_system', 'refund_id', 'order_id', 'reason', 'amount', 'refunded_at',
    ],
    replaced_column='order_id',
) }}
