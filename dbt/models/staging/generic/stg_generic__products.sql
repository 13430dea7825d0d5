with source as (
    {{ deliveries(
        'products',
        columns=[
            'product_id', 'name', 'category', 'brand', 'unit_cost',
        ],
    ) }}
),

renamed as (
    select
        source_system,
        product_id,
        name,
        category,
        brand,
        {{ quantity('unit_cost') }} as unit_cost,
        cast(null as timestamp) as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
