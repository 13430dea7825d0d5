with source as (
    {{ deliveries(
        'products',
        columns=[
            'product_id', 'name', 'category', 'brand', 'kind', 'unit_cost',
        ],
        times=['updated_at', 'deleted_at'],
    ) }}
),

renamed as (
    select
        source_system,
        product_id,
        {{ served_text('name', 300) }} as name,
        {{ served_text('category') }} as category,
        {{ served_text('brand') }} as brand,
        coalesce({{ word_code('kind', 'product_kinds') }}, 'goods') as kind,
        {{ quantity('unit_cost') }} as unit_cost,
        {{ deletion_time() }} as deleted_at,
        {{ utc_time('updated_at') }} as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
