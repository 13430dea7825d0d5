with source as (
    {{ latest_deliveries(
        'products',
        columns=[
            'product_id', 'name', 'category', 'brand', 'unit_cost',
        ],
        key=['product_id'],
    ) }}
),

renamed as (
    select
        source_system,
        product_id,
        name,
        category,
        brand,
        {{ quantity('unit_cost') }} as unit_cost
    from source
)

select * from renamed
