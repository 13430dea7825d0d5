with delivered as (
    {{ union_of(
        [ref('stg_generic__order_lines'), ref('stg_complete_journey__order_lines')],
        columns=[
            'source_system', 'order_id', 'line_number', 'product_id', 'quantity', 'unit_price',
            'discount_amount', 'unit_cost',
        ],
    ) }}
)

select * from delivered
