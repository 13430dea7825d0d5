with source as (
    {{ deliveries(
        'order_lines',
        columns=[
            'order_id', 'line_number', 'product_id', 'quantity', 'unit_price',
            'discount_amount', 'unit_cost',
        ],
        times=['updated_at', 'deleted_at'],
    ) }}
),

renamed as (
    select
        source_system,
        order_id,
        line_number,
        product_id,
        {{ quantity('quantity') }} as quantity,
        {{ quantity('unit_price') }} as unit_price,
        {{ money('discount_amount') }} as discount_amount,
        {{ quantity('unit_cost') }} as unit_cost,
        {{ deletion_time() }} as deleted_at,
        {{ utc_time('updated_at') }} as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
