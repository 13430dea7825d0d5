with delivered as (
    {{ union_of(
        [ref('stg_generic__products'), ref('stg_complete_journey__products')],
        columns=[
            'source_system', 'product_id', 'name', 'category', 'brand', 'unit_cost',
        ],
    ) }}
)

select * from delivered
