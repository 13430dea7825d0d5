with source as (
    select
        product_id,
        product_type,
        product_category,
        brand,
        _load_number,
        _source_row
    from {{ source('raw_complete_journey', 'products') }}
    where {{ is_known('complete_journey') }}
),

renamed as (
    select
        'complete_journey' as source_system,
        {{ text('product_id') }} as product_id,
        {{ text('product_type') }} as name,
        {{ text('product_category') }} as category,
        {{ text('brand') }} as brand,
        'goods' as kind,
        cast(null as decimal(18, 6)) as unit_cost,
        cast(null as timestamp) as deleted_at,
        cast(null as timestamp) as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
