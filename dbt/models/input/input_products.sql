{{ config(unique_key=['source_system', 'product_id']) }}
{{ newest_versions(
    [ref('stg_generic__products'), ref('stg_complete_journey__products')],
    key=['source_system', 'product_id'],
    columns=[
        'source_system', 'product_id', 'name', 'category', 'brand', 'unit_cost',
    ],
    replaced_column='unit_cost',
    replaced_type='decimal(18, 6)',
) }}
