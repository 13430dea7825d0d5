{{ config(unique_key=['source_system', 'order_id', 'line_number']) }}
{{ newest_versions(
    [ref('stg_generic__order_lines'), ref('stg_complete_journey__order_lines')],
    key=['source_system', 'order_id', 'line_number'],
    columns=[
        'source_system', 'order_id', 'line_number', 'product_id', 'quantity', 'unit_price',
        'discount_amount', 'unit_cost', 'deleted_at',
    ],
    replaced=['order_id'],
) }}
