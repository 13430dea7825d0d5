with delivered as (
    {{ union_of(
        [ref('stg_generic__payments')],
        columns=[
            'source_system', 'payment_id', 'order_id', 'method', 'status', 'amount', 'paid_at',
        ],
    ) }}
)

select * from delivered
