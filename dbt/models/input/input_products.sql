{{ config(unique_key=['source_system', 'product_id']) }}
{{ newest_versions(
    [ref('stg_generic__products'), ref('stg_complete_journey__products')],
    key=['source_system', 'product_id'],
    columns=[
        'source_system', 'product_id', 'name', 'category', 'brand', 'kind', 'unit_cost',
        'deleted_at',
    ],
    replaced=['unit_cost', 'kind'],
    replaced_types={'unit_cost': 'decimal(18, 6)'},
) }}
